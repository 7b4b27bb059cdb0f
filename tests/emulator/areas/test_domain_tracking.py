"""Tracking settings of a domain, and the certificates of its tracking host."""

from __future__ import annotations

import ssl

import httpx
import pytest

from mailgun_emulator import Emulator
from mailgun_emulator.areas.tracking.certificates import CertificateStore
from tests.emulator.small import answers

UPDATED = "Domain tracking settings have been updated"
HTML = '\n<br>\n<p><a href="%unsubscribe_url%">unsubscribe</a></p>\n'
TEXT = "\n\nTo unsubscribe click: <%unsubscribe_url%>\n\n"
UNASKED = {"Description": "Please initiate x509 key pair generation at POST /v2/x509/{domain}"}
DAYS = 24 * 60 * 60


@pytest.fixture
def path(domain: str) -> str:
    return f"/v3/domains/{domain}/tracking"


class TestSettings:
    def test_at_first(self, api: httpx.Client, path: str) -> None:
        """platform:TRK-001, TRK-002, DIFF-049, sending:TRACK-001, TRACK-002, TRACK-003."""
        assert api.get(path).json() == {
            "tracking": {
                "open": {"active": False, "place_at_the_top": False},
                "click": {"active": False},
                "unsubscribe": {"active": False, "html_footer": HTML, "text_footer": TEXT},
                "web_scheme": "http",
            }
        }

    def test_scheme_is_the_domains(self, api: httpx.Client, path: str, domain: str) -> None:
        """platform:TRK-006."""
        api.put(f"/v4/domains/{domain}", data={"web_scheme": "https"})
        assert api.get(path).json()["tracking"]["web_scheme"] == "https"

    def test_open(self, api: httpx.Client, path: str) -> None:
        """platform:TRK-003, TRK-005, sending:TRACK-004: all of it; what is left out stays."""
        body = api.put(f"{path}/open", data={"active": "yes"}).json()
        assert body == {"message": UPDATED, "open": {"active": True, "place_at_the_top": False}}
        body = api.put(f"{path}/open", data={"place_at_the_top": "true"}).json()
        assert body["open"] == {"active": True, "place_at_the_top": True}
        assert api.get(path).json()["tracking"]["open"] == body["open"]

    @pytest.mark.parametrize(
        ("word", "active"),
        [("true", True), ("yes", True), ("htmlonly", True), ("False", False), ("no", False)],
    )
    def test_click(self, api: httpx.Client, path: str, word: str, active: bool) -> None:
        """platform:TRK-004, sending:TRACK-005: HTML only counts as active."""
        body = api.put(f"{path}/click", data={"active": word}).json()
        assert body == {"message": UPDATED, "click": {"active": active}}
        assert api.put(f"{path}/click").json()["click"] == {"active": active}
        assert api.get(path).json()["tracking"]["click"] == {"active": active}

    def test_unsubscribe(self, api: httpx.Client, path: str) -> None:
        """platform:TRK-003, TRK-005."""
        api.put(f"{path}/unsubscribe", data={"html_footer": "<b>bye</b>"})
        body = api.put(f"{path}/unsubscribe", data={"active": "true", "text_footer": ""}).json()
        section = {"active": True, "html_footer": "<b>bye</b>", "text_footer": ""}
        assert body == {"message": UPDATED, "unsubscribe": section}
        assert api.get(path).json()["tracking"]["unsubscribe"] == section

    @pytest.mark.parametrize("section", ["open", "click", "unsubscribe"])
    def test_refusals(self, api: httpx.Client, path: str, section: str) -> None:
        """platform:TRK-005, sending:TRACK-006: a bad flag changes nothing."""
        before = api.get(path).json()
        assert api.put(f"{path}/{section}", data={"active": "perhaps"}).status_code == 400
        assert api.get(path).json() == before
        answer = api.put(f"/v3/domains/foreign.example.org/tracking/{section}")
        assert answers(answer) == (404, {"message": "Domain not found"})
        answer = api.put(f"{path}/{section}", auth=("api", "wrong"))
        assert answers(answer) == (401, {"message": "Invalid private key"})


class TestCertificates:
    @pytest.fixture
    def host(self, domain: str) -> str:
        return f"email.{domain}"

    def test_life(self, app: Emulator, api: httpx.Client, host: str) -> None:
        """platform:CERT-001, CERT-002, CERT-005, sending:TRACK-020, TRACK-021: made and renewed."""
        path, clock = f"/v2/x509/{host}", app.state.clock
        initiated = {
            "message": "Initiated x509 key pair generation",
            "location": f"/v2/x509/{host}/status",
        }
        assert answers(api.post(path)) == (202, initiated)
        assert api.get(f"{path}/status").json() == {
            "status": "processing",
            "error": "Waiting for x509 key pair generation",
        }
        busy = f"x509 key pair generation job is already in progress for {host}"
        assert answers(api.put(path)) == (429, {"Description": busy})
        clock.advance(5)
        active = api.get(initiated["location"]).json()
        assert active["status"] == "active"
        assert len(ssl.PEM_cert_to_DER_cert(active["certificate"])) > 700
        valid = "x509 certificate is still valid until 2025-04-24 12:44:44 +0000 UTC"
        assert answers(api.put(path)) == (409, {"Description": valid})
        clock.advance(90 * DAYS)
        expired = api.get(f"{path}/status").json()
        assert (expired["status"], expired["error"]) == ("expired", "x509 certificate has expired")
        assert answers(api.put(path)) == (202, initiated)
        clock.advance(5)
        renewed = api.get(f"{path}/status").json()
        assert renewed["status"] == "active"
        assert renewed["certificate"] != active["certificate"]

    def test_before_any(self, api: httpx.Client, host: str) -> None:
        """platform:CERT-003, CERT-005, DIFF-050."""
        assert answers(api.get(f"/v2/x509/{host}/status")) == (404, UNASKED)
        assert answers(api.put(f"/v2/x509/{host}")) == (404, {"Description": "x509 cert not found"})

    def test_twice(self, api: httpx.Client, host: str) -> None:
        """platform:CERT-004."""
        api.post(f"/v2/x509/{host}")
        already = f"x509 key pair generation has already been initiated for {host}"
        assert answers(api.post(f"/v2/x509/{host}")) == (409, {"Description": already})

    def test_cname(self, api: httpx.Client, domain: str) -> None:
        """platform:CERT-006, sending:TRACK-020: the record comes first, so verify."""
        wrong = (400, {"Reason": "invalid CNAME record"})
        api.post("/v4/domains", data={"name": "mg.example.org"})
        assert answers(api.post("/v2/x509/email.mg.example.org")) == wrong
        assert answers(api.post(f"/v2/x509/other.{domain}")) == wrong
        assert answers(api.post(f"/v2/x509/{domain}")) == wrong
        api.put("/v3/domains/mg.example.org/web_prefix", data={"web_prefix": "Track"})
        api.put("/v4/domains/mg.example.org/verify")
        assert api.post("/v2/x509/Track.mg.example.org").status_code == 202

    def test_foreign_host(self, api: httpx.Client) -> None:
        """platform:GEN-012, CERT-003."""
        host = "/v2/x509/email.foreign.example.org"
        assert answers(api.post(host)) == (404, {"Description": "x509 cert not found"})
        assert answers(api.get(f"{host}/status")) == (404, UNASKED)

    def test_failure(self, app: Emulator, api: httpx.Client, host: str) -> None:
        """platform:CERT-002: a job that failed says so, and can be started again."""
        api.post(f"/v2/x509/{host}")
        app.state.store(app.state.accounts[0], CertificateStore).hosts[host].failed = True
        app.state.clock.advance(5)
        assert api.get(f"/v2/x509/{host}/status").json() == {
            "status": "error",
            "error": "TLS x509 key pair generation failed, please contact support",
        }
        assert api.put(f"/v2/x509/{host}").status_code == 202

    def test_goes_with_the_domain(self, api: httpx.Client, host: str, domain: str) -> None:
        """platform:DOM-040."""
        api.post(f"/v2/x509/{host}")
        api.delete(f"/v3/domains/{domain}")
        assert answers(api.get(f"/v2/x509/{host}/status")) == (404, UNASKED)
