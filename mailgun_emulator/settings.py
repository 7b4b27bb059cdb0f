"""What an emulator is set to: how much it keeps for how long, and what recipients' names mean."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import gt

DAY = 86_400.0
# sending STORE-008 and platform EVT-021.
MESSAGE_AGE = 3 * DAY
EVENT_AGE = 30 * DAY


@frozen
class Settings:
    """Bounds of memory, for each account, and how mail is dealt with.

    Whatever bound is met first, the oldest go. `messages` is how many stored messages there are,
    `message_bytes` what they weigh together, `message_age` how long they can be read, in seconds
    (a domain with a `message_ttl` has its own time). A message that has gone is still delivered,
    and its events stay. `events` is how many each domain keeps, `event_age` for how long.
    `named_recipients` lets addresses such as `bounce@...` decide the outcome (see `rules.NAMED`).

    Raises ValueError for a bound that is not above zero.
    """

    messages: int = field(default=20_000, validator=gt(0))
    message_bytes: int = field(default=256 * 1024 * 1024, validator=gt(0))
    message_age: float = field(default=MESSAGE_AGE, validator=gt(0))
    events: int = field(default=50_000, validator=gt(0))
    event_age: float = field(default=EVENT_AGE, validator=gt(0))
    named_recipients: bool = True
