"""One class for each type of event, all of them the model `Event` of the Events API.

They say of which fields an event of that type can be relied on to have; the others are UNSET when
they did not come. `user_variables` is text when the API could not read them, and any object may be
null. An event of a type that is not known here is a plain `Event`.

Sources: documentation pages user-manual/events/event-types and event-structure.
"""

# ruff: noqa: TID252 (the generated package may have another name)
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal, Self

from ..models.event import Event
from ..models.event_mailing_list import EventMailingList
from ..models.event_member import EventMember
from ..models.event_reject import EventReject
from ..models.event_storage import EventStorage
from .errors import Malformed

# What `required` names is never UNSET, which the fields say here. Strictly, a subclass may not
# narrow an attribute that can be set; only a generic Event could say it otherwise.


class TypedEvent(Event):
    """An event of a known type, with what it must have."""

    __slots__ = ()
    required: ClassVar[tuple[str, ...]] = ()
    """Wire names of the fields that are there, beside `event`, `timestamp` and `id`."""

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Reads a JSON object; KeyError, TypeError or ValueError if its shape is another one."""
        for name in cls.required:
            if source.get(name) is None:
                raise KeyError(name)
        return super().from_dict(source)


class RecipientEvent(TypedEvent):
    """Something that happened to the mail for one recipient."""

    __slots__ = ()
    required: ClassVar[tuple[str, ...]] = ("recipient",)
    recipient: str  # pyright: ignore[reportIncompatibleVariableOverride]


class AcceptedEvent(RecipientEvent):
    """The API took a message in, to send it or from outside."""

    __slots__ = ()


class DeliveredEvent(RecipientEvent):
    """The server of the recipient accepted the message."""

    __slots__ = ()


class FailedEvent(RecipientEvent):
    """An attempt to deliver failed; `reason` and `delivery_status` tell why."""

    __slots__ = ()
    required = ("recipient", "severity")
    severity: Literal["temporary", "permanent"]  # pyright: ignore[reportIncompatibleVariableOverride]


class PermanentFailEvent(FailedEvent):
    """The message will not be delivered; also when the recipient is suppressed."""

    __slots__ = ()
    severity: Literal["permanent"]  # pyright: ignore[reportIncompatibleVariableOverride]


class TemporaryFailEvent(FailedEvent):
    """The message will be tried again; `delivery_status.retry_seconds` tells when."""

    __slots__ = ()
    severity: Literal["temporary"]  # pyright: ignore[reportIncompatibleVariableOverride]


class OpenedEvent(RecipientEvent):
    """The recipient, or a program (`client_info.bot`), loaded the pixel of the message."""

    __slots__ = ()


class ClickedEvent(RecipientEvent):
    """The recipient, or a program, followed a link of the message: `url` is where it leads."""

    __slots__ = ()
    required = ("recipient", "url")
    url: str  # pyright: ignore[reportIncompatibleVariableOverride]


class UnsubscribedEvent(RecipientEvent):
    """The recipient followed a link to unsubscribe."""

    __slots__ = ()


class ComplainedEvent(RecipientEvent):
    """The recipient reported the message as spam."""

    __slots__ = ()


class StoredEvent(TypedEvent):
    """The API keeps a message that came in; its recipients are in `message`."""

    __slots__ = ()
    required = ("storage",)
    storage: EventStorage  # pyright: ignore[reportIncompatibleVariableOverride]


class RejectedEvent(TypedEvent):
    """The API refused to send a message; `reject` tells why."""

    __slots__ = ()
    required = ("reject",)
    reject: EventReject  # pyright: ignore[reportIncompatibleVariableOverride]


class ListMemberUploadedEvent(TypedEvent):
    """A member of a bulk upload was added to its mailing list."""

    __slots__ = ()
    required = ("mailing-list", "member")
    mailing_list: EventMailingList  # pyright: ignore[reportIncompatibleVariableOverride]
    member: EventMember  # pyright: ignore[reportIncompatibleVariableOverride]


class ListMemberUploadErrorEvent(TypedEvent):
    """A member of a bulk upload was refused; `error` and `member_description` tell which."""

    __slots__ = ()


class ListUploadedEvent(TypedEvent):
    """A bulk upload of members has come to its end; see `upserted_count` and `failed_count`."""

    __slots__ = ()


class EmailValidationEvent(TypedEvent):
    """An address was validated; what was found is in `additional_properties`."""

    __slots__ = ()


EVENTS: Final[Mapping[str, type[TypedEvent]]] = {
    "accepted": AcceptedEvent,
    "clicked": ClickedEvent,
    "complained": ComplainedEvent,
    "delivered": DeliveredEvent,
    "email_validation": EmailValidationEvent,
    "failed": FailedEvent,
    "list_member_upload_error": ListMemberUploadErrorEvent,
    "list_member_uploaded": ListMemberUploadedEvent,
    "list_uploaded": ListUploadedEvent,
    "opened": OpenedEvent,
    "rejected": RejectedEvent,
    "stored": StoredEvent,
    "unsubscribed": UnsubscribedEvent,
}
"""Type of an event on the wire -> its class; failures have one for each severity besides."""

_FAILURES: Final[Mapping[object, type[FailedEvent]]] = {
    "permanent": PermanentFailEvent,
    "temporary": TemporaryFailEvent,
}


def read_event(source: object) -> Event:
    """The event that `event-data` is. Raises Malformed unless it is one of its type."""
    if not isinstance(source, Mapping) or not isinstance(source.get("event"), str):
        raise Malformed("the event has no type")
    kind: type[Event] = EVENTS.get(source["event"], Event)
    if kind is FailedEvent and isinstance(source.get("severity"), str):
        kind = _FAILURES.get(source["severity"], kind)
    try:
        try:
            return kind.from_dict(source)
        except TypeError:
            # Any object may be null, whether its model says so or not.
            return kind.from_dict({k: v for k, v in source.items() if v is not None})
    except KeyError as error:
        raise Malformed(f"the event has no {error}") from None
    except (TypeError, ValueError) as error:
        raise Malformed(f"the event is of another shape: {error}") from None
