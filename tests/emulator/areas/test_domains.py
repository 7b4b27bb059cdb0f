"""Domains: create, read, list, update, verify, delete, and the settings with paths of their own."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from mailgun_emulator import Emulator, create_app
from mailgun_emulator.areas.credentials import CredentialStore
from mailgun_emulator.areas.domains.records import Disabled
from mailgun_emulator.areas.domains.store import DomainStore
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
        """platform:DOM-004, DIFF-041: two MX without a name, the priority a text."""
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
        """platform:DOM-005: DKIM, SPF and tracking in this order, also when read."""
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
        """platform:DOM-008, DOM-009, DOM-010, DOM-015: 400, and there is no domain."""
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
        """platform:DOM-025: an account without subaccounts has nothing to add."""
        assert names(api, include_subaccounts="true") == many


class TestUpdate:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_what_is_given_changes(self, api: httpx.Client, version: str) -> None:
        """platform:DOM-029, DOM-030, DOM-031, DIFF-036: the rest stays, SPF comes first."""
        before = create(api)["domain"]
        given = {
            "web_scheme": "https",
            "spam_action": "tag",
            "message_ttl": "600",
            "wildcard": "yes",
        }
        body = api.put(f"{version}/{NEW}", data=given).json()
        assert body["message"] == "Domain has been updated"
        changed = {
            "web_scheme": "https",
            "spam_action": "tag",
            "message_ttl": 600,
            "wildcard": True,
        }
        assert body["domain"] == {**before, **changed}
        assert read(api)["domain"] == body["domain"]
        kinds = [(record["record_type"], record["name"]) for record in body["sending_dns_records"]]
        assert kinds[0] == ("TXT", NEW)
        assert len(kinds) == 3
        assert len(body["receiving_dns_records"]) == 2

    def test_archive_and_mail_from(self, api: httpx.Client) -> None:
        """platform:DOM-029."""
        create(api)
        url = "https://example.org/archive"
        fields = {"archive_to": url, "mailfrom_host": "bounce.example.org"}
        api.put(f"/v4/domains/{NEW}", data=fields)
        shown = read(api, extended="true")["domain"]
        assert (shown["archive_to"], shown["mailfrom_host"]) == tuple(fields.values())

    def test_encryption_stays(self, api: httpx.Client) -> None:
        """platform:DOM-017: an update does not switch it off."""
        assert create(api, encrypt_incoming_message="true")["domain"]["encrypt_incoming_message"]
        api.put(f"/v4/domains/{NEW}", data={"encrypt_incoming_message": "false"})
        assert read(api)["domain"]["encrypt_incoming_message"] is True

    def test_sender_security(self, api: httpx.Client, domain: str) -> None:
        """platform:DOM-032, DKIM-014: two CNAMEs instead of the TXT, and a new verification."""
        path = f"/v4/domains/{domain}"
        body = api.put(path, data={"use_automatic_sender_security": "true"}).json()
        assert body["domain"]["state"] == "unverified"
        records = read(api, domain)["sending_dns_records"][:2]
        for number, record in enumerate(records, 1):
            assert record["name"] == f"pdk{number}._domainkey.{domain}"
            assert (record["record_type"], record["valid"]) == ("CNAME", "unknown")
            assert record["value"].startswith(f"pdk{number}._domainkey.")
            assert record["value"].endswith(".dkim1.mailgun.com")
        body = api.put(f"{path}/verify").json()
        assert body["domain"]["state"] == "active"
        assert {record["valid"] for record in body["sending_dns_records"]} == {"valid"}
        off = api.put(path, data={"use_automatic_sender_security": "false"}).json()
        assert off["domain"]["state"] == "unverified"
        assert off["sending_dns_records"][1]["record_type"] == "TXT"


class TestVerify:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_activates(self, api: httpx.Client, version: str) -> None:
        """platform:DOM-033, DOM-034: each record says what was found, and the key signs."""
        create(api)
        body = api.put(f"{version}/{NEW}/verify").json()
        assert body["message"] == "Domain DNS records have been updated"
        assert body["domain"]["state"] == "active"
        for record in body["sending_dns_records"]:
            assert (record["valid"], record["is_active"]) == ("valid", True)
            assert record["cached"] == [record["value"]]
        for record in body["receiving_dns_records"]:
            assert record["cached"] == ["10 mxa.mailgun.org", "10 mxb.mailgun.org"]
        del body["message"]
        assert read(api) == body

    def test_no_dns(self, api: httpx.Client) -> None:
        """platform:DOM-036, DOM-033: names below .invalid stay unknown, and that is no error."""
        create(api, "mg.example.invalid")
        body = api.put("/v4/domains/mg.example.invalid/verify").json()
        assert body["message"] == "Domain DNS records have been updated"
        assert body["domain"]["state"] == "unverified"
        assert {record["valid"] for record in body["sending_dns_records"]} == {"unknown"}

    def test_wrong_records(self, app: Emulator, api: httpx.Client, domain: str) -> None:
        """platform:DOM-034, DOM-036: a test chooses the outcome; an active domain falls back."""
        store(app).misconfigured.add(domain)
        body = api.put(f"/v4/domains/{domain}/verify").json()
        assert body["domain"]["state"] == "unverified"
        assert {record["valid"] for record in body["sending_dns_records"]} == {"invalid"}
        store(app).misconfigured.clear()
        assert api.put(f"/v4/domains/{domain}/verify").json()["domain"]["state"] == "active"

    def test_limit(self, app: Emulator, api: httpx.Client, domain: str) -> None:
        """platform:DOM-035, GEN-017, GEN-018: ten calls count down, then one has to wait."""
        calls = [api.put(f"/v4/domains/{domain}/verify") for _ in range(11)]
        assert [call.status_code for call in calls] == [200] * 10 + [429]
        left = [int(call.headers["x-request-remaining"]) for call in calls]
        assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
        assert {call.headers["x-request-limit"] for call in calls} == {"10"}
        assert calls[-1].json() == {"retry-seconds": 60}
        app.state.clock.advance(60)
        assert api.put(f"/v4/domains/{domain}/verify").status_code == 200


class TestDelete:
    def test_gone(self, api: httpx.Client, domain: str) -> None:
        """platform:DOM-040, DOM-028: gone from every answer; the name can be used again."""
        key = create(api)["sending_dns_records"][0]["value"]
        answer = api.delete(f"/v3/domains/{NEW}")
        assert answers(answer) == (200, {"message": "Domain will be deleted in the background"})
        assert api.get(f"/v4/domains/{NEW}").status_code == 404
        assert api.delete(f"/v3/domains/{NEW}").status_code == 404
        assert names(api) == [domain]
        assert api.get("/v1/dkim/keys", params={"signing_domain": NEW}).json()["items"] == []
        assert create(api)["sending_dns_records"][0]["value"] != key

    def test_authority_of_another(self, api: httpx.Client) -> None:
        """platform:DOM-041: first the domain that it signs for has to go."""
        create(api, "example.org")
        create(api, NEW)
        assert api.delete("/v3/domains/example.org").status_code == 400
        assert api.delete(f"/v3/domains/{NEW}").status_code == 200
        assert api.delete("/v3/domains/example.org").status_code == 200

    def test_disabled(self, app: Emulator, api: httpx.Client, domain: str) -> None:
        """platform:DOM-026, DOM-041: says why, is not verified into use, and stays."""
        found = store(app).find(domain)
        assert found is not None
        found.state, found.disabled = "disabled", Disabled("rzr01", "spam", "note", until="soon")
        shown = api.put(f"/v4/domains/{domain}/verify").json()["domain"]
        assert (shown["state"], shown["is_disabled"]) == ("disabled", True)
        assert shown["disabled"] == {
            "code": "rzr01",
            "note": "note",
            "permanently": False,
            "reason": "spam",
            "until": "soon",
        }
        assert names(api, state="disabled") == [domain]
        assert api.delete(f"/v3/domains/{domain}").status_code == 400
        assert names(api) == [domain]

    def test_sandbox(self, connect: Connect) -> None:
        """platform:SBX-001, SBX-006, sending:SAND-001: active from the start, and not deletable."""
        api = connect(create_app(domains=[SANDBOX]))
        shown = read(api, SANDBOX)["domain"]
        assert (shown["type"], shown["state"]) == ("sandbox", "active")
        assert api.delete(f"/v3/domains/{SANDBOX}").status_code == 400
        assert names(api) == [SANDBOX]


class TestSettings:
    def test_connection(self, api: httpx.Client) -> None:
        """platform:DOM-042, TLS-004, sending:TLS-005, TLS-006: flat, false at first."""
        create(api)
        path = f"/v3/domains/{NEW}/connection"
        assert answers(api.get(path)) == (200, {"require_tls": False, "skip_verification": False})
        message = (
            "Domain connection settings have been updated, may take 10 minutes to fully propagate"
        )
        body = api.put(path, data={"require_tls": "true"}).json()
        assert body == {"message": message, "require_tls": True, "skip_verification": False}
        api.put(path, data={"skip_verification": "yes"})
        assert api.get(path).json() == {"require_tls": True, "skip_verification": True}
        shown = read(api)["domain"]
        assert (shown["require_tls"], shown["skip_verification"]) == (True, True)
        assert api.put(path, data={"require_tls": "perhaps"}).status_code == 400

    def test_connection_of_nobody(self, api: httpx.Client) -> None:
        """sending:AUTH-013."""
        answer = api.get("/v3/domains/foreign.example.org/connection")
        assert answers(answer) == (404, {"message": "Domain not found"})

    def test_web_prefix(self, api: httpx.Client, domain: str) -> None:
        """platform:DOM-043, DOM-012, sending:TRACK-022: the new record is not checked yet."""
        answer = api.put(f"/v3/domains/{domain}/web_prefix", data={"web_prefix": "click"})
        assert answers(answer) == (200, {"message": "Domain web prefix updated"})
        body = read(api, domain)
        assert body["domain"]["web_prefix"] == "click"
        cname = body["sending_dns_records"][-1]
        assert (cname["name"], cname["valid"]) == (f"click.{domain}", "unknown")

    def test_mail_from_and_ttl(self, api: httpx.Client) -> None:
        """platform:DOM-044, DOM-018."""
        create(api)
        answer = api.put(
            f"/v3/domains/{NEW}/mailfrom_host", data={"mailfrom_host": "bounce.example.org"}
        )
        assert answers(answer) == (200, {"message": "success"})
        path = f"/v3/domains/{NEW}/message_ttl"
        answer = api.put(path, data={"message_ttl": "259200"})
        assert answers(answer) == (200, {"message": "Domain message TTL settings updated."})
        assert answers(api.put(path, data={"message_ttl": "300000"})) == (400, {"Reason": TTL})
        shown = read(api, extended="true")["domain"]
        assert (shown["mailfrom_host"], shown["message_ttl"]) == ("bounce.example.org", 259200)
