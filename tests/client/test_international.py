"""International domains and addresses in paths and bodies (IDN-001, IDN-002)."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from mailgun_client.api.bounces import get_bounce, list_bounces
from mailgun_client.api.domain_keys import create_dkim_key
from mailgun_client.api.domains import create_domain, get_domain
from mailgun_client.api.templates import get_template
from mailgun_client.models import CreateDkimKeyBody, CreateDomainBody

from tests.client.wire import Wire


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("MG.Bücher.Example", "mg.xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("MG.Example.com", "MG.Example.com"),
        ("not a dömain", "not a dömain"),
        ("-ä.example", "-ä.example"),
        ("ä..example", "ä..example"),
    ],
)
def test_domains_go_by_their_ascii_names(given: str, sent: str) -> None:
    for call in (get_domain.sync, list_bounces.sync):
        wire = Wire()
        call(given, client=wire.client())
        assert sent in [unquote(part) for part in wire.path.split("/")]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("jürgen@bücher.example", "jürgen@xn--bcher-kva.example"),
        ("jürgen@example.com", "jürgen@example.com"),
        ('"a@ü"@bücher.example', '"a@ü"@xn--bcher-kva.example'),
        ("bob@example.com", "bob@example.com"),
    ],
)
def test_the_local_part_of_an_address_stays(wire: Wire, given: str, sent: str) -> None:
    get_bounce.sync("example.com", given, client=wire.client())
    assert unquote(wire.path.split("/")[-1]) == sent


def test_other_names_are_left_alone(wire: Wire) -> None:
    get_template.sync("example.com", "grüße.v2", client=wire.client())
    assert unquote(wire.path.split("/")[-1]) == "grüße.v2"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("mg.example.com", "mg.example.com"),
        ("not a dömain", "not a dömain"),
    ],
)
def test_domains_in_bodies_go_by_the_same_names(given: str, sent: str) -> None:
    """What `create_domain` makes is what `get_domain` asks for."""
    wire, keys = Wire(), Wire()
    create_domain.sync(client=wire.client(), body=CreateDomainBody(name=given))
    assert wire.fields == [("name", sent)]
    body = CreateDkimKeyBody(signing_domain=given, selector="s1")
    create_dkim_key.sync(client=keys.client(), body=body)
    assert ("signing_domain", sent) in keys.fields
