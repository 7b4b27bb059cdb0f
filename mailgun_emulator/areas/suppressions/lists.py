"""What differs from list to list: the table, the record, the texts and the columns of an import.

Sources: sending SUPP-001 to SUPP-003, SUPP-008 to SUPP-010, SUPP-016; platform BOUNCE, UNSUB, COMP,
WL. The texts for one record in a batch are known of the bounces only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from attrs import frozen

from mailgun_emulator.areas.suppressions import rules
from mailgun_emulator.areas.suppressions.records import Record
from mailgun_emulator.areas.suppressions.store import SuppressionStore, Table


@frozen
class Listing:
    """One of the four lists.

    `noun` goes into the texts of adding; `fields` are the columns of an import, `keys` those that
    hold what the entry is about.
    """

    table: Callable[[SuppressionStore], Table[Any]]
    record: Callable[[rules.Fields, datetime], Record]
    name: str
    noun: str
    unknown: str
    removed: str
    cleared: str
    fields: tuple[str, ...]
    keys: tuple[str, ...] = ("address",)

    @property
    def one(self) -> str:
        """The text for a record of a form."""
        return f"Address has been added to the {self.name} table"

    def many(self, count: int) -> str:
        """The text for a batch."""
        number = f"1 {self.noun} has" if count == 1 else f"{count} {self.noun}es have"
        return f"{number} been added to the {self.name} table"


LISTS: Mapping[str, Listing] = MappingProxyType(
    {
        "bounces": Listing(
            table=lambda store: store.bounces,
            record=rules.bounce,
            name="bounces",
            noun="address",
            unknown="Address not found in bounces table",
            removed="Bounced address has been removed",
            cleared="Bounced addresses for this domain have been removed",
            fields=("address", "code", "error", "created_at"),
        ),
        "unsubscribes": Listing(
            table=lambda store: store.unsubscribes,
            record=rules.unsubscribe,
            name="unsubscribes",
            noun="address",
            unknown="Address not found in unsubscribers table",
            removed="Unsubscribe event has been removed",
            cleared="Unsubscribe addresses for this domain have been removed",
            fields=("address", "tags", "created_at"),
        ),
        "complaints": Listing(
            table=lambda store: store.complaints,
            record=rules.complaint,
            name="complaints",
            noun="complaint address",
            unknown="No spam complaints found for this address",
            removed="Spam complaint has been removed",
            cleared="Complaint addresses for this domain have been removed",
            fields=("address", "created_at"),
        ),
        "allowlist": Listing(
            table=lambda store: store.allowlist,
            record=rules.allowed,
            name="allowlists",
            noun="address",
            unknown="Address/Domain not found in allowlist table",
            removed="Allowlist address/domain has been removed",
            cleared="Allowlist addresses/domains for this domain have been removed",
            fields=("address", "domain"),
            keys=("address", "domain"),
        ),
    }
)
