"""DKIM keys: made, listed, activated, renamed, removed, and whose keys sign for whom."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from tests.emulator.small import answers

NEW = "mg.example.org"
KEYS = "/v1/dkim/keys"
BAD_PEM = "failed to import domain key: failed to parse PEM"
NOT_PKCS1 = "failed to import domain key: key must be PKCS1 format"
NOT_FOUND = {"message": "domain key not found"}


@pytest.fixture
def fresh(api: httpx.Client) -> str:
    """A new domain, whose first key does not sign yet."""
    api.post("/v4/domains", data={"name": NEW})
    return NEW


def create(api: httpx.Client, domain: str, selector: str, **fields: str) -> httpx.Response:
    return api.post(KEYS, data={"signing_domain": domain, "selector": selector, **fields})


def keys(api: httpx.Client, domain: str) -> dict[str, dict[str, Any]]:
    """The DNS records of a domain's keys by selector."""
    items = api.get(f"/v4/domains/{domain}/keys").json()["items"]
    return {item["selector"]: item["dns_record"] for item in items}


def delete(api: httpx.Client, domain: str, selector: str) -> httpx.Response:
    return api.delete(KEYS, params={"signing_domain": domain, "selector": selector})


def der(*numbers: int, tag: int = 0x30) -> bytes:
    """DER of a sequence of integers, each small enough for a short length."""
    parts = [n.to_bytes(n.bit_length() // 8 + 1) for n in numbers]
    body = b"".join(bytes([2, len(part)]) + part for part in parts)
    assert len(body) < 128
    return bytes([tag, len(body)]) + body


def pem(data: bytes, label: str = "RSA PRIVATE KEY") -> str:
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n"


PRIVATE = pem(der(0, 0xC0FFEE, 65537, 5, 7, 11, 13, 17, 19))


class TestCreate:
    def test_answer(self, api: httpx.Client, fresh: str) -> None:
        """platform:DKIM-001, DIFF-040: an inactive key, whose record is not known yet."""
        body = create(api, fresh, "s1", bits="2048").json()
        value = body["dns_record"].pop("value")
        assert body == {
            "signing_domain": fresh,
            "selector": "s1",
            "dns_record": {
                "is_active": False,
                "cached": [],
                "name": f"s1._domainkey.{fresh}",
                "record_type": "TXT",
                "valid": "unknown",
            },
        }
        assert value.startswith("k=rsa; p=MIIB")
        assert keys(api, fresh)["s1"]["value"] == value

    @pytest.mark.parametrize("as_file", [False, True])
    def test_import(self, api: httpx.Client, fresh: str, as_file: bool) -> None:
        """platform:DKIM-002: as a field or as a file; only its public half is ever seen."""
        fields = {"signing_domain": fresh, "selector": "s1"}
        if as_file:
            answer = api.post(KEYS, data=fields, files={"pem": ("key.pem", PRIVATE)})
        else:
            answer = api.post(KEYS, data={**fields, "pem": PRIVATE})
        value = answer.json()["dns_record"]["value"].removeprefix("k=rsa; p=")
        public = base64.b64decode(value)
        assert public.endswith(der(0xC0FFEE, 65537))
        assert PRIVATE.split("\n")[1] not in answer.text

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("lorem ipsum", BAD_PEM),
            (pem(b"\x30\x05\x02\x01"), BAD_PEM),
            ("-----BEGIN RSA PRIVATE KEY-----?-----END RSA PRIVATE KEY-----", BAD_PEM),
            (pem(der(0, 1), "PRIVATE KEY"), NOT_PKCS1),
            (pem(der(0, 1)), NOT_PKCS1),
            (pem(der(0, 1, tag=0x31)), NOT_PKCS1),
        ],
    )
    def test_bad_pem(self, api: httpx.Client, fresh: str, text: str, message: str) -> None:
        """platform:DKIM-003, DIFF-046: 400, and no key is made."""
        assert answers(create(api, fresh, "s1", pem=text)) == (400, {"message": message})
        assert "s1" not in keys(api, fresh)

    def test_duplicate(self, api: httpx.Client, fresh: str) -> None:
        """platform:DKIM-004, DIFF-046: the key stays as it was."""
        create(api, fresh, "s1")
        before = keys(api, fresh)
        refusal = {"message": "failed to create domain key: duplicate key"}
        assert answers(create(api, fresh.upper(), "s1")) == (400, refusal)
        assert keys(api, fresh) == before

    @pytest.mark.parametrize("fields", [{"bits": "512"}, {"selector": "a b"}, {"selector": ""}])
    def test_bad_fields(self, api: httpx.Client, fresh: str, fields: dict[str, str]) -> None:
        """platform:DKIM-001."""
        asked = {"signing_domain": fresh, "selector": "s1", **fields}
        assert api.post(KEYS, data=asked).status_code == 400
        assert len(keys(api, fresh)) == 1

    def test_foreign_domain(self, api: httpx.Client) -> None:
        """platform:GEN-012."""
        answer = create(api, "foreign.example.org", "s1")
        assert answers(answer) == (404, {"message": "Domain not found"})


class TestList:
    def test_filters(self, api: httpx.Client, fresh: str, domain: str) -> None:
        """platform:DKIM-005, DIFF-042: all parameters are optional, in the query."""
        create(api, fresh, "s1")
        create(api, domain, "s1")

        def found(**query: str) -> list[tuple[str, str]]:
            items = api.get(KEYS, params=query).json()["items"]
            return [(item["signing_domain"], item["selector"]) for item in items]

        first = found(signing_domain=domain)[0][1]
        assert found() == [(fresh, first), (fresh, "s1"), (domain, first), (domain, "s1")]
        assert found(selector="s1") == [(fresh, "s1"), (domain, "s1")]
        assert found(signing_domain=fresh, selector="s1") == [(fresh, "s1")]
        assert found(signing_domain="foreign.example.org") == []

    def test_pages(self, api: httpx.Client, fresh: str) -> None:
        """platform:DKIM-005, DIFF-045: pages partition the list, by absolute links."""
        for number in range(12):
            create(api, fresh, f"s{number:02}")
        wanted = sorted(keys(api, fresh))
        pages: list[list[str]] = []
        url = f"{KEYS}?signing_domain={fresh}&limit=5"
        while len(pages) < 4:
            body = api.get(url).json()
            assert list(body["paging"]) == ["previous", "first", "next", "last"]
            for link in body["paging"].values():
                assert link.startswith("http://mg.test/v1/dkim/keys?")
                assert "page=" in link
            pages.append([item["selector"] for item in body["items"]])
            url = body["paging"]["next"]
        assert pages == [wanted[:5], wanted[5:10], wanted[10:], []]

        def selectors(link: str) -> list[str]:
            return [item["selector"] for item in api.get(link).json()["items"]]

        assert selectors(body["paging"]["first"]) == wanted[:5]
        assert selectors(body["paging"]["last"]) == wanted[-5:]
        last = api.get(body["paging"]["last"]).json()["paging"]
        assert selectors(last["previous"]) == wanted[-10:-5]
        assert selectors(f"{KEYS}?page=nonsense&signing_domain={fresh}") == wanted[:10]

    @pytest.mark.parametrize("limit", [0, 101])
    def test_limit(self, api: httpx.Client, limit: int) -> None:
        """platform:DKIM-005."""
        assert api.get(KEYS, params={"limit": limit}).status_code == 400

    def test_of_a_domain(self, api: httpx.Client, fresh: str) -> None:
        """platform:DKIM-007: one list without paging."""
        body = api.get(f"/v4/domains/{fresh}/keys").json()
        assert list(body) == ["items"]
        assert body["items"] == api.get(KEYS, params={"signing_domain": fresh}).json()["items"]


class TestUse:
    def test_activate_and_deactivate(self, api: httpx.Client, fresh: str) -> None:
        """platform:DKIM-008, DKIM-009, DIFF-043, DIFF-044: nothing but a message; no DNS needed."""
        create(api, fresh, "s1")
        path = f"/v4/domains/{fresh}/keys/s1"
        assert answers(api.put(f"{path}/activate")) == (200, {"message": "domain key activated"})
        assert keys(api, fresh)["s1"]["is_active"] is True
        signing = api.get(f"/v4/domains/{fresh}").json()["sending_dns_records"][0]
        assert signing["name"] == f"s1._domainkey.{fresh}"
        answer = api.put(f"{path}/deactivate")
        assert answers(answer) == (200, {"message": "domain key deactivated"})
        assert keys(api, fresh)["s1"]["is_active"] is False

    def test_round_robin(self, api: httpx.Client, domain: str) -> None:
        """platform:DKIM-013: the records of all keys that sign are asked for."""
        for selector in ("s1", "s2"):
            create(api, domain, selector)
            api.put(f"/v4/domains/{domain}/keys/{selector}/activate")
        records = api.get(f"/v4/domains/{domain}").json()["sending_dns_records"]
        assert [record["name"].split(".")[0] for record in records[1:3]] == ["s1", "s2"]
        assert [record["is_active"] for record in records[:3]] == [True] * 3

    @pytest.mark.parametrize("word", ["activate", "deactivate"])
    def test_unknown(self, api: httpx.Client, fresh: str, word: str) -> None:
        """platform:DKIM-010."""
        assert answers(api.put(f"/v4/domains/{fresh}/keys/none/{word}")) == (404, NOT_FOUND)

    def test_delete(self, api: httpx.Client, fresh: str) -> None:
        """platform:DKIM-006: gone for good; a second time it is unknown."""
        create(api, fresh, "s1")
        assert answers(delete(api, fresh, "s1")) == (200, {"message": "success"})
        assert "s1" not in keys(api, fresh)
        assert answers(delete(api, fresh, "s1")) == (404, NOT_FOUND)

    def test_last_active_key(self, api: httpx.Client, domain: str) -> None:
        """platform:DKIM-006: one that signs has to stay."""
        (only,) = keys(api, domain)
        refusal = "cannot delete domain key: must have at least one active domain key"
        assert answers(delete(api, domain, only)) == (400, {"message": refusal})
        create(api, domain, "s1")
        assert delete(api, domain, only).status_code == 400
        api.put(f"/v4/domains/{domain}/keys/s1/activate")
        assert delete(api, domain, only).status_code == 200
        assert list(keys(api, domain)) == ["s1"]


class TestSelector:
    def test_renamed(self, api: httpx.Client, domain: str) -> None:
        """platform:DKIM-012: the key keeps its value, its record gets another name."""
        (before,) = keys(api, domain).values()
        answer = api.put(f"/v3/domains/{domain}/dkim_selector", data={"dkim_selector": "x"})
        assert answers(answer) == (200, {"message": "DKIM selector changed"})
        (after,) = keys(api, domain).values()
        assert (after["name"], after["value"]) == (f"x._domainkey.{domain}", before["value"])
        assert after["valid"] == "unknown"

    def test_omitted_or_the_same(self, api: httpx.Client, domain: str) -> None:
        """platform:DKIM-012: nothing changes."""
        before = keys(api, domain)
        for fields in ({"other": "x"}, {"dkim_selector": next(iter(before))}):
            answer = api.put(f"/v3/domains/{domain}/dkim_selector", data=fields)
            assert answer.status_code == 200
        assert keys(api, domain) == before

    def test_refused(self, api: httpx.Client, domain: str) -> None:
        """platform:DKIM-004, DOM-008: not one of another key, and no dots."""
        create(api, domain, "s1")
        before = keys(api, domain)
        for selector in ("s1", "foo.bar"):
            path = f"/v3/domains/{domain}/dkim_selector"
            assert api.put(path, data={"dkim_selector": selector}).status_code == 400
        assert keys(api, domain) == before


class TestAuthority:
    @pytest.fixture
    def path(self, api: httpx.Client) -> str:
        for name in ("example.org", NEW):
            api.post("/v4/domains", data={"name": name})
        return f"/v3/domains/{NEW}/dkim_authority"

    def test_changed(self, api: httpx.Client, path: str) -> None:
        """platform:DKIM-011: the records are those of the new authority."""
        body = api.put(path, data={"self": "true"}).json()
        assert (body["changed"], body["message"]) == (
            True,
            "Domain DKIM authority has been changed",
        )
        assert body["sending_dns_records"][0]["name"].endswith(f"._domainkey.{NEW}")
        records = api.get(f"/v4/domains/{NEW}").json()["sending_dns_records"]
        assert records == body["sending_dns_records"]
        body = api.put(path, data={"self": "false"}).json()
        assert body["changed"] is True
        assert body["sending_dns_records"][0]["name"].endswith("._domainkey.example.org")

    def test_not_changed(self, api: httpx.Client, path: str, domain: str) -> None:
        """platform:DKIM-011: already so, or no registered root domain."""
        for where, itself in ((path, "false"), (f"/v3/domains/{domain}/dkim_authority", "no")):
            body = api.put(where, data={"self": itself}).json()
            assert (body["changed"], body["message"]) == (
                False,
                "Domain DKIM authority has not been changed",
            )

    def test_host_of_its_own(self, api: httpx.Client) -> None:
        """platform:DOM-010, DKIM-007: keys under another name are still the domain's."""
        host = f"keys.{NEW}"
        api.post("/v4/domains", data={"name": NEW, "dkim_host_name": host})
        (record,) = keys(api, NEW).values()
        assert record["name"].endswith(f"._domainkey.{host}")
        assert create(api, host, "s1").status_code == 200
        assert api.put(f"/v4/domains/{NEW}/keys/s1/activate").status_code == 200
        api.delete(f"/v3/domains/{NEW}")
        assert api.get(KEYS, params={"signing_domain": host}).json()["items"] == []
