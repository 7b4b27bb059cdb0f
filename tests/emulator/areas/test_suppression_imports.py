"""Imports into the suppression lists."""

from __future__ import annotations

import pytest

from tests.emulator.areas.clients import Lists, message

NOW = "Fri, 24 Jan 2025 12:44:39 UTC"
LATER = "Fri, 24 Jan 2025 13:44:39 UTC"
ALL = ("bounces", "unsubscribes", "complaints", "whitelists")
IMPORTING = {"message": "file uploaded successfully for processing. standby..."}


def test_a_bounce_file_has_four_columns(lists: Lists) -> None:
    """sending:SUPP-015; platform:SUPP-013, BOUNCE-007."""
    answer = lists.upload(
        "bounces",
        "address,code,error,created_at\n"
        f'a@example.com,554,"no, never","{LATER}"\n'
        "b@example.com,,,\n",
    )
    assert (answer.status_code, answer.json()) == (202, IMPORTING)
    assert lists.page("bounces")["items"] == [
        {"address": "a@example.com", "code": "554", "error": "no, never", "created_at": LATER},
        {"address": "b@example.com", "code": "550", "error": "", "created_at": NOW},
    ]


def test_an_unsubscribe_file_has_three_columns(lists: Lists) -> None:
    """platform:UNSUB-007."""
    text = "Address, Tags, created_at\na@example.com,news,\nb@example.com\n"
    assert lists.upload("unsubscribes", text).status_code == 202
    assert [item["tags"] for item in lists.page("unsubscribes")["items"]] == [["news"], ["*"]]


def test_a_complaint_file_has_two_columns(lists: Lists) -> None:
    """platform:COMP-006, DIFF-060."""
    answer = lists.upload("complaints", f'\ufeffaddress,created_at\r\na@example.com,"{LATER}"\r\n')
    assert (answer.status_code, answer.json()) == (202, IMPORTING)
    assert lists.page("complaints")["items"] == [{"address": "a@example.com", "created_at": LATER}]


def test_a_row_of_an_allowlist_file_is_an_address_or_a_domain(lists: Lists) -> None:
    """platform:WL-006."""
    text = "address,domain\na@example.com,\n,example.org\nb@example.com,example.net\n,\n"
    assert lists.upload("whitelists", text).status_code == 202
    found = [(item["type"], item["value"]) for item in lists.page("whitelists")["items"]]
    assert found == [("address", "a@example.com"), ("domain", "example.org")]


def test_rows_that_are_no_entries_are_passed_over(lists: Lists) -> None:
    """platform:SUPP-013: the answer comes before the rows are read."""
    text = (
        'address,created_at\nnobody\na@example.com,never\nb@example.com\n"broken\nc@example.com\n'
    )
    assert lists.upload("bounces", text).status_code == 202
    assert lists.values("bounces") == ["b@example.com"]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b'"address', b"code,error\n550,x\n"])
def test_a_file_needs_a_header(lists: Lists, name: str, data: bytes) -> None:
    """sending:SUPP-015; platform:SUPP-014, DIFF-061."""
    answer = lists.upload(name, data)
    assert (answer.status_code, message(answer)) == (400, "while reading csv header")


def test_a_file_has_25_megabytes_at_most(lists: Lists) -> None:
    """platform:SUPP-013."""
    row = b"a@example.com\n"
    rows = (25 * 1024 * 1024 - len(b"address\n")) // len(row)
    largest = b"address\n" + row * rows
    refused = lists.upload("complaints", largest + row)
    assert (refused.status_code, message(refused)) == (400, "file size exceeds 25MB limit")
    assert lists.values("complaints") == []
