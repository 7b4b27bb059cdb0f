"""A small client for mailing lists and their members."""

from __future__ import annotations

import json
from typing import Any

import httpx

Fields = dict[str, Any]


class MailingLists:
    """The lists of the default account; methods work on one list, `devs` of the domain."""

    def __init__(self, api: httpx.Client, domain: str) -> None:
        self.api, self.domain = api, domain
        self.address = f"devs@{domain}"

    def path(self, *more: str, of: str = "") -> str:
        return "/".join((f"/v3/lists/{of or self.address}", *more))

    def create(self, address: str = "", **fields: str) -> httpx.Response:
        form = {"address": address or self.address, **fields}
        return self.api.post("/v3/lists", data=form)

    def shown(self) -> Fields:
        answer = self.api.get(self.path())
        assert answer.status_code == 200, answer.text
        found: Fields = answer.json()["list"]
        return found

    def update(self, **fields: str) -> httpx.Response:
        return self.api.put(self.path(), data=fields)

    def add(self, address: str, **fields: str) -> httpx.Response:
        return self.api.post(self.path("members"), data={"address": address, **fields})

    def change(self, who: str, **fields: str) -> httpx.Response:
        return self.api.put(self.path("members", who), data=fields)

    def member(self, address: str) -> Fields:
        answer = self.api.get(self.path("members", address))
        assert answer.status_code == 200, answer.text
        found: Fields = answer.json()["member"]
        return found

    def bulk(self, entries: Any, **fields: str) -> httpx.Response:
        form = {"members": json.dumps(entries), **fields}
        return self.api.post(self.path("members.json"), data=form)

    def upload(self, text: str | bytes, **fields: str) -> httpx.Response:
        data = text.encode() if isinstance(text, str) else text
        files = {"members": ("members.csv", data, "text/csv")}
        return self.api.post(self.path("members.csv"), data=fields, files=files)

    def page(self, *more: str, **query: Any) -> Fields:
        answer = self.api.get(self.path(*more) if more else "/v3/lists", params=query)
        assert answer.status_code == 200, answer.text
        found: Fields = answer.json()
        return found

    def addresses(self, **query: Any) -> list[str]:
        return [item["address"] for item in self.page("members", **query)["items"]]
