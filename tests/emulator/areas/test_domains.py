"""Domains: create, read, list, update, verify, delete, and the settings with paths of their own."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator, create_app
from mailgun_emulator.areas.credentials import CredentialStore
from mailgun_emulator.areas.domains.store import DomainStore
from mailgun_emulator.areas.messages.limits import Standing
from tests.emulator.conftest import Connect
from tests.emulator.small import answers

NEW = "mg.example.org"
SANDBOX = f"sandbox{'0a' * 16}.mailgun.org"
TTL = (
    "provided message_ttl of 300000 is too large. "
    "max message_ttl for this account is 259200 seconds"
)
VERSIONS = ("/v4/domains", "/v3/domains")


def create(api: httpx.Client, name: str = NEW, **fields: str) -> dict[str, Any]:
    answer = api.post("/v4/domains", data={"name": name, **fields})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def read(api: httpx.Client, name: str = NEW, **query: str) -> dict[str, Any]:
    body: dict[str, Any] = api.get(f"/v4/domains/{name}", params=query).json()
    return body


def names(api: httpx.Client, **query: str | int) -> list[str]:
    answer = api.get("/v4/domains", params=query)
    return [item["name"] for item in answer.json()["items"]]


def store(app: Emulator) -> DomainStore:
    return app.state.store(app.state.accounts[0], DomainStore)


class TestCreate:
    def test_answer(self, api: httpx.Client) -> None:
        """platform:DOM-001, DOM-002, DOM-003, DOM-027: defaults of a new domain."""
        body = create(api, name="MG.Example.org")
        assert list(body) == [
            "message",
            "domain",
            "receiving_dns_records",
            "sending_dns_records",
        ]
        assert body["message"] == "Domain DNS records have been created"
        assert len(body["domain"].pop("id")) == 24
        assert body["domain"] == {
            "created_at": "Fri, 24 Jan 2025 12:44:39 GMT",
            "encrypt_incoming_message": False,
            "is_disabled": False,
            "message_ttl": 0,
            "name": NEW,
            "require_tls": False,
            "skip_verification": False,
            "smtp_login": f"postmaster@{NEW}",
            "spam_action": "disabled",
            "state": "unverified",
            "type": "custom",
            "use_automatic_sender_security": False,
            "web_prefix": "email",
            "web_scheme": "http",
            "wildcard": False,
        }

    def test_receiving_records(self, api: httpx.Client) -> None:
        """platform:DOM-004, DOM-038, DIFF-041: two MX without a name, the priority a text."""
        assert create(api)["receiving_dns_records"] == [
            {
                "is_active": True,
                "cached": [],
                "priority": "10",
                "record_type": "MX",
                "valid": "unknown",
                "value": host,
            }
            for host in ("mxa.mailgun.org", "mxb.mailgun.org")
        ]

    def test_sending_records(self, api: httpx.Client) -> None:
        """platform:DOM-005, DOM-038: DKIM, SPF and tracking in this order, also when read."""
        dkim, spf, cname = create(api)["sending_dns_records"]
        assert dkim["name"].endswith(f"._domainkey.{NEW}")
        assert (dkim["record_type"], dkim["is_active"]) == ("TXT", False)
        assert (spf["record_type"], spf["name"]) == ("TXT", NEW)
        assert spf["value"] == "v=spf1 include:mailgun.org ~all"
        assert (cname["record_type"], cname["name"]) == ("CNAME", f"email.{NEW}")
        assert cname["value"] == "mailgun.org"
        assert read(api)["sending_dns_records"] == [dkim, spf, cname]

    @pytest.mark.parametrize(("asked", "start", "size"), [("", "MIGf", 162), ("2048", "MIIB", 294)])
    def test_key_size(self, api: httpx.Client, asked: str, start: str, size: int) -> None:
        """platform:DOM-006, DOM-009: 1024 bits unless asked, as a public key in base64."""
        body = create(api, **({"dkim_key_size": asked} if asked else {}))
        value = body["sending_dns_records"][0]["value"]
        key = value.removeprefix("k=rsa; p=")
        assert key.startswith(start)
        assert len(base64.b64decode(key, validate=True)) == size

    def test_records_repeat(self, connect: Connect) -> None:
        """platform:DOM-006: the same seed gives the same records; another seed gives others."""

        def records(seed: int) -> list[Any]:
            api = connect(create_app(seed=seed))
            return [create(api)["sending_dns_records"], read(api, "sandbox.example.test")]

        first, again, other = records(1), records(1), records(2)
        assert first[0] == again[0]
        assert first[1]["sending_dns_records"] == again[1]["sending_dns_records"]
        assert first[0] != other[0]
        assert first[1]["sending_dns_records"] != other[1]["sending_dns_records"]

    def test_selector_and_prefix(self, api: httpx.Client) -> None:
        """platform:DOM-007, DOM-008, DOM-012: both go into the names of the records."""
        records = create(api, dkim_selector="foobar", web_prefix="track")["sending_dns_records"]
        assert [record["name"] for record in records] == [
            f"foobar._domainkey.{NEW}",
            NEW,
            f"track.{NEW}",
        ]

    @pytest.mark.parametrize(
        "fields",
        [
            {"dkim_selector": "foo.bar"},
            {"dkim_key_size": "512"},
            {"spam_action": "burn"},
            {"ips": "somewhere"},
            {"dkim_host_name": NEW, "force_dkim_authority": "true"},
            {"dkim_host_name": NEW, "force_root_dkim_host": "yes"},
            {"dkim_host_name": "elsewhere.com"},
        ],
    )
    def test_bad_settings(self, api: httpx.Client, fields: dict[str, str]) -> None:
        """platform:DOM-008, DOM-009, DOM-010: 400, and there is no domain."""
        before = names(api)
        answer = api.post("/v4/domains", data={"name": NEW, **fields})
        assert answer.status_code == 400
        assert names(api) == before

    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize(
        ("fields", "body"),
        [
            (
                {"smtp_password": "four"},
                {
                    "message": "Password is too short. It must be between 5 and 32 characters.",
                },
            ),
            (
                {"smtp_password": "x" * 33},
                {
                    "message": "Password is too long. It must be between 5 and 32 characters.",
                },
            ),
            ({"message_ttl": "300000"}, {"Reason": TTL}),
            ({"name": ""}, {"message": "invalid name"}),
        ],
    )
    def test_literal_refusals(
        self, api: httpx.Client, version: str, fields: dict[str, str], body: dict[str, str]
    ) -> None:
        """platform:DOM-013, DOM-018: in both versions, also of an update."""
        answer = api.post(version, data={"name": NEW, **fields})
        assert answers(answer) == (400, body)
        if "name" not in fields:
            assert answers(api.put(f"{version}/sandbox.example.test", data=fields)) == (400, body)

    def test_taken_name(self, api: httpx.Client) -> None:
        """platform:DOM-014: whatever the case of the letters."""
        create(api)
        answer = api.post("/v4/domains", data={"name": NEW.upper()})
        assert answers(answer) == (400, {"message": "This domain name is already taken"})

    @pytest.mark.parametrize("version", VERSIONS)
    def test_a_free_plan_has_no_custom_domains(
        self, app: Emulator, api: httpx.Client, version: str
    ) -> None:
        """platform:DOM-019."""
        standing = app.state.store(app.state.accounts[0], Standing)
        standing.free = True
        assert api.post(version, data={"name": NEW}).status_code == 403
        standing.free = False
        create(api)

    def test_a_thousand_domains(self, app: Emulator, api: httpx.Client, domain: str) -> None:
        """platform:DOM-019."""
        held = store(app).domains
        for number in range(998):
            held[f"d{number}.example"] = held[domain]
        create(api)
        assert api.post("/v4/domains", data={"name": "more.example"}).status_code == 403

    def test_inherited_authority(self, api: httpx.Client) -> None:
        """platform:DOM-011: a subdomain is signed by its registered root unless it is forced."""
        root = create(api, "example.org")["sending_dns_records"][0]
        assert create(api, NEW)["sending_dns_records"][0] == root
        own = create(api, f"a.{NEW}", force_dkim_authority="true")["sending_dns_records"][0]
        assert own["name"].endswith(f"._domainkey.a.{NEW}")
        assert own["value"] != root["value"]

    def test_dkim_host(self, api: httpx.Client) -> None:
        """platform:DOM-010, DOM-021: a host of its own, or the root that is not registered."""
        create(api, dkim_host_name=f"keys.{NEW}")
        assert read(api, extended="true")["domain"]["dkim_host"] == f"keys.{NEW}"
        records = create(api, "mg.example.net", force_root_dkim_host="true")["sending_dns_records"]
        assert records[0]["name"].endswith("._domainkey.example.net")

    def test_password_is_the_postmasters(self, app: Emulator, api: httpx.Client) -> None:
        """platform:DOM-003, DOM-029: kept, changed by an update, and never shown."""
        body = create(api, smtp_password="first-one")
        credentials = app.state.store(app.state.accounts[0], CredentialStore)
        assert credentials.accepts(f"postmaster@{NEW}", "first-one")
        updated = api.put(f"/v4/domains/{NEW}", data={"smtp_password": "second-one"})
        assert not credentials.accepts(f"postmaster@{NEW}", "first-one")
        assert credentials.accepts(f"postmaster@{NEW}", "second-one")
        assert "password" not in str((body, updated.json(), read(api)))

    def test_urlencoded_and_multipart(self, api: httpx.Client) -> None:
        """platform:GEN-020, GEN-022: both forms, and both spellings of a boolean."""
        create(api, wildcard="yes")
        answer = api.post(
            "/v4/domains", data={"name": "two.example.org", "wildcard": "true"}, files={"x": b""}
        )
        assert answer.json()["domain"]["wildcard"] is True
        assert read(api)["domain"]["wildcard"] is True


class TestRead:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_get(self, api: httpx.Client, version: str) -> None:
        """platform:DOM-020: what was created is readable, without a message."""
        body = create(api)
        del body["message"]
        assert answers(api.get(f"{version}/{NEW.upper()}")) == (200, body)

    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("PUT", ""), ("PUT", "/verify")])
    def test_unknown(self, api: httpx.Client, version: str, method: str, tail: str) -> None:
        """platform:DOM-020, GEN-012: 404 with a capital letter."""
        answer = api.request(method, f"{version}/foreign.example.org{tail}")
        assert answers(answer) == (404, {"message": "Domain not found"})

    def test_options(self, api: httpx.Client) -> None:
        """platform:DOM-021: without records, and with more of the domain."""
        create(api)
        short = read(api, with_dns="false")
        assert list(short) == ["domain"]
        more = read(api, extended="true")["domain"]
        assert more.items() - short["domain"].items() == {
            ("dkim_host", NEW),
            ("mailfrom_host", NEW),
            ("tracking_host", f"email.{NEW}"),
        }

    def test_other_accounts(self, connect: Connect) -> None:
        """platform:GEN-012: a domain of another account is unknown here, and can be made here."""
        app = create_app(api_keys=["one", "two"], domains={"one": [NEW]})
        first, second = connect(app, key="one"), connect(app, key="two")
        assert first.get(f"/v4/domains/{NEW}").status_code == 200
        assert second.get(f"/v4/domains/{NEW}").status_code == 404
        create(second)
        second.delete(f"/v3/domains/{NEW}")
        assert first.get(f"/v4/domains/{NEW}").status_code == 200

    def test_domain_at_start(self, api: httpx.Client, domain: str) -> None:
        """platform:DOM-034: active, with every record in place."""
        body = read(api, domain)
        assert body["domain"]["state"] == "active"
        records = body["sending_dns_records"] + body["receiving_dns_records"]
        assert [(record["valid"], record["is_active"]) for record in records] == [
            ("valid", True)
        ] * 5


class TestList:
    @pytest.fixture
    def many(self, api: httpx.Client, domain: str) -> list[str]:
        """All names, newest first."""
        made = ["b.example.org", "c.example.org", "a.example.com"]
        for name in made:
            create(api, name)
        return [*reversed(made), domain]

    @pytest.mark.parametrize("version", VERSIONS)
    def test_newest_first(self, api: httpx.Client, many: list[str], version: str) -> None:
        """platform:DOM-022, DOM-023: every domain once, without DNS records."""
        body = api.get(version).json()
        assert [item["name"] for item in body["items"]] == many
        assert body["total_count"] == 4
        assert body["items"][1] == read(api, many[1])["domain"]

    @pytest.mark.parametrize(
        ("sort", "back"), [("name", False), ("name:asc", False), ("name:desc", True)]
    )
    def test_sorted(self, api: httpx.Client, many: list[str], sort: str, back: bool) -> None:
        """platform:DOM-023."""
        assert names(api, sort=sort) == sorted(many, reverse=back)

    def test_pages(self, api: httpx.Client, many: list[str]) -> None:
        """platform:DOM-022: pages partition the list; the total is that of all matches."""
        pages = [names(api, limit=3, skip=skip) for skip in (0, 3, 6)]
        assert pages == [many[:3], many[3:], []]
        assert api.get("/v4/domains", params={"limit": 1}).json()["total_count"] == 4

    @pytest.mark.parametrize(
        "query", [{"limit": 0}, {"limit": 1001}, {"skip": -1}, {"sort": "age"}]
    )
    def test_limits(self, api: httpx.Client, query: dict[str, int | str]) -> None:
        """platform:DOM-022, DOM-023."""
        assert api.get("/v4/domains", params=query).status_code == 400

    @pytest.mark.usefixtures("many")
    def test_filters(self, api: httpx.Client, domain: str) -> None:
        """platform:DOM-024: by state, by part of the name, by authority unless a state is given."""
        assert names(api, state="active") == [domain]
        assert names(api, state="disabled") == []
        assert names(api, search="EXAMPLE.ORG") == ["c.example.org", "b.example.org"]
        assert names(api, search="*.org") == []
        create(api, "sub.b.example.org")
        assert names(api, authority="b.example.org") == ["sub.b.example.org", "b.example.org"]
        assert names(api, authority="b.example.org", state="active") == [domain]

    def test_subaccounts(self, api: httpx.Client, many: list[str]) -> None:
        """An account without subaccounts has nothing to add."""
        assert names(api, include_subaccounts="true") == many
