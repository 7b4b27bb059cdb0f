"""Posts of the API to you: checked, and typed.

    from mailgun_client.webhooks import EventPost, PermanentFailEvent, Receiver, WebhookError

    receiver = Receiver(signing_key="...")

    try:
        post = receiver.parse(body, headers)
    except WebhookError:
        ...  # answer 406
    match post:
        case EventPost(event=PermanentFailEvent(recipient=address)):
            ...

It takes webhooks of Send (JSON, and the forms that were there before), webhooks of Alerts, mail
that routes forward, and notices of stored mail. `body` is the body of the request byte for byte,
`headers` are its headers; no web framework is needed.
"""

# ruff: noqa: TID252 (the generated package may have another name)
from ..models.event import Event as Event
from .errors import Expired as Expired
from .errors import InvalidSignature as InvalidSignature
from .errors import Malformed as Malformed
from .errors import Replayed as Replayed
from .errors import WebhookError as WebhookError
from .events import EVENTS as EVENTS
from .events import AcceptedEvent as AcceptedEvent
from .events import ClickedEvent as ClickedEvent
from .events import ComplainedEvent as ComplainedEvent
from .events import DeliveredEvent as DeliveredEvent
from .events import EmailValidationEvent as EmailValidationEvent
from .events import FailedEvent as FailedEvent
from .events import ListMemberUploadedEvent as ListMemberUploadedEvent
from .events import ListMemberUploadErrorEvent as ListMemberUploadErrorEvent
from .events import ListUploadedEvent as ListUploadedEvent
from .events import OpenedEvent as OpenedEvent
from .events import PermanentFailEvent as PermanentFailEvent
from .events import RecipientEvent as RecipientEvent
from .events import RejectedEvent as RejectedEvent
from .events import StoredEvent as StoredEvent
from .events import TemporaryFailEvent as TemporaryFailEvent
from .events import TypedEvent as TypedEvent
from .events import UnsubscribedEvent as UnsubscribedEvent
from .events import read_event as read_event
from .forms import Form as Form
from .forms import Upload as Upload
from .posts import AlertPost as AlertPost
from .posts import EventPost as EventPost
from .posts import InboundPost as InboundPost
from .posts import LegacyEventPost as LegacyEventPost
from .posts import Post as Post
from .posts import StoredFile as StoredFile
from .posts import StoredPost as StoredPost
from .receiver import ALERT_TOLERANCE as ALERT_TOLERANCE
from .receiver import TOLERANCE as TOLERANCE
from .receiver import Receiver as Receiver
from .receiver import parse as parse
from .receiver import read_unverified as read_unverified
from .signatures import Signature as Signature
from .signatures import verify as verify
from .signatures import verify_alert as verify_alert
from .tokens import MemoryTokens as MemoryTokens
from .tokens import TokenCache as TokenCache
