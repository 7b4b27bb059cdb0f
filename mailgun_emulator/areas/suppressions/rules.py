"""From what is sent to what is kept: defaults, and the files of an import."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mailgun_emulator import dates
from mailgun_emulator.areas.suppressions.records import (
    EVERYTHING,
    Allowed,
    Bounce,
    Complaint,
    Unsubscribe,
)
from mailgun_emulator.reply import ApiError

DEFAULT_CODE = "550"
MAX_FILE = 25 * 1024 * 1024  # SUPP-013
# The limit is documented, its text is not.
TOO_LARGE = "file size exceeds 25MB limit"
NO_HEADER = "while reading csv header"
NEITHER = "Missing mandatory parameter: address/domain"

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_DOMAIN = re.compile(r"[^@\s]+")

Fields = Mapping[str, Any]


def bounce(fields: Fields, now: datetime) -> Bounce:
    """SUPP-005: code 550 and no error text unless said otherwise."""
    code, error = fields.get("code") or DEFAULT_CODE, fields.get("error") or ""
    return Bounce(fields["address"], _moment(fields, now), code, error)


def unsubscribe(fields: Fields, now: datetime) -> Unsubscribe:
    """UNSUB-001, UNSUB-003: `tags` is a list, `tag` a single one; without any all mail is left."""
    tags = fields.get("tags") or [fields.get("tag") or EVERYTHING]
    return Unsubscribe(fields["address"], _moment(fields, now), tuple(tags))


def complaint(fields: Fields, now: datetime) -> Complaint:
    """COMP-001."""
    return Complaint(fields["address"], _moment(fields, now))


def allowed(fields: Fields, now: datetime) -> Allowed:
    """WL-001, WL-002: the address wins over the domain. Raises ApiError."""
    for kind in ("address", "domain"):
        if value := fields.get(kind):
            return Allowed(value, now, kind)
    raise ApiError(400, NEITHER)


def row_is_usable(row: Mapping[str, str]) -> bool:
    """Whether a row of an import can become an entry (WL-006: an address or a domain, not both)."""
    address, domain = row.get("address", ""), row.get("domain", "")
    if bool(address) == bool(domain):
        return False
    if row.get("created_at") and dates.parse(row["created_at"]) is None:
        return False
    return bool(_ADDRESS.fullmatch(address) if address else _DOMAIN.fullmatch(domain))


def rows(data: bytes, columns: Sequence[str], keys: Sequence[str]) -> Iterator[dict[str, str]]:
    """The rows of a CSV file by column name, columns that the list doesn't know left out.

    `keys` are the columns of which one is needed. Raises ApiError when the file is too large or
    has no usable header; a row that cannot be read ends the file.
    """
    if len(data) > MAX_FILE:
        raise ApiError(400, TOO_LARGE)
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = [name.strip().lower() for name in next(reader)]
    except (UnicodeDecodeError, csv.Error, StopIteration):
        raise ApiError(400, NO_HEADER) from None
    if not set(keys) & set(header):
        raise ApiError(400, NO_HEADER)
    return _named(reader, header, set(columns))


def _named(
    reader: Iterator[list[str]], header: list[str], known: set[str]
) -> Iterator[dict[str, str]]:
    try:
        for cells in reader:
            named = zip(header, cells, strict=False)
            yield {name: cell.strip() for name, cell in named if name in known}
    except csv.Error:
        return


def _moment(fields: Fields, now: datetime) -> datetime:
    given = fields.get("created_at")
    if not given:
        return now
    moment = dates.parse(given)
    if moment is None:
        raise ApiError(400, "invalid created_at", field="created_at")
    return moment
