"""Small clients for the areas under test, one method per thing a test does often."""

from __future__ import annotations

from typing import Any

import httpx

ALICE = "alice@example.com"
HTML = "<p>{{greeting}}</p>"


class Lists:
    """The four lists of the default domain, by their path names."""

    def __init__(self, api: httpx.Client, domain: str) -> None:
        self.api, self.domain = api, domain

    def path(self, name: str, *more: str) -> str:
        return "/".join((f"/v3/{self.domain}/{name}", *more))

    def add(self, name: str, **fields: str) -> httpx.Response:
        return self.api.post(self.path(name), data=fields)

    def get(self, name: str, value: str = ALICE) -> httpx.Response:
        return self.api.get(self.path(name, value))

    def delete(self, name: str, value: str = ALICE, **query: str) -> httpx.Response:
        return self.api.delete(self.path(name, value), params=query)

    def page(self, name: str, **query: Any) -> dict[str, Any]:
        answer = self.api.get(self.path(name), params=query)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def values(self, name: str, **query: Any) -> list[str]:
        key = "value" if name == "whitelists" else "address"
        return [item[key] for item in self.page(name, **query)["items"]]

    def upload(self, name: str, text: str | bytes) -> httpx.Response:
        data = text.encode() if isinstance(text, str) else text
        return self.api.post(self.path(name, "import"), files={"file": ("list.csv", data)})


class Templates:
    """The templates of a domain, or of the account when no domain is named."""

    def __init__(self, api: httpx.Client, domain: str = "") -> None:
        self.api = api
        self.root = f"/v3/{domain}/templates" if domain else "/v4/templates"

    def path(self, *more: str) -> str:
        return "/".join((self.root, *more))

    def create(self, name: str, **fields: str) -> httpx.Response:
        return self.api.post(self.path(), data={"name": name, **fields})

    def add(self, name: str, tag: str, content: str = HTML, **fields: str) -> httpx.Response:
        form = {"tag": tag, "template": content, **fields}
        return self.api.post(self.path(name, "versions"), data=form)

    def template(self, *more: str, **query: str) -> dict[str, Any]:
        answer = self.api.get(self.path(*more), params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["template"]
        return found

    def version(self, name: str, tag: str) -> dict[str, Any]:
        found: dict[str, Any] = self.template(name, "versions", tag)["version"]
        return found

    def update(self, *more: str, **fields: str) -> httpx.Response:
        return self.api.put(self.path(*more), data=fields)

    def actives(self, name: str) -> dict[str, bool]:
        return {v["tag"]: v["active"] for v in self.template(name, "versions")["versions"]}


def told(answer: httpx.Response) -> tuple[int, Any]:
    """Status and JSON body."""
    return answer.status_code, answer.json()


def message(answer: httpx.Response) -> str:
    """The text of an answer."""
    return str(answer.json()["message"])
