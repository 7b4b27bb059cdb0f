"""Domains changed, verified, deleted and set: by behaviour."""

from __future__ import annotations

import httpx
import pytest

from mailgun_emulator import Emulator, create_app
from mailgun_emulator.areas.domains.records import Disabled
from tests.emulator.areas.test_domains import (
    NEW,
    SANDBOX,
    TTL,
    VERSIONS,
    create,
    names,
    read,
    store,
)
from tests.emulator.conftest import Connect
from tests.emulator.small import answers


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
        """platform:DOM-035, GEN-017: ten calls count down, then one has to wait."""
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
