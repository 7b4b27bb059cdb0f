"""The ways in which client, server and truth can disagree.

Breach
├── RequestDiffers      1 fidelity     the wire does not carry what the case says
├── Unanswered          2 conformance  the server hung up, or said nothing in time
├── ResponseInvalid     2 conformance  undocumented status, content type, header or schema; 5xx
├── ParseFailed         3 parsing      the client raised on a response
├── NotLossless         3 parsing      the parsed model does not give the JSON back
├── ValidRejected       4 inputs       a valid call on existing resources was refused
├── InvalidAccepted     4 inputs       an invalid call succeeded
├── StateChanged        4 inputs       a refused call left a trace
├── WriteUntraced       4 inputs       no successful write changed the fingerprint of the state
├── AuthIgnored         5 auth         a call succeeded without the right key
├── KeyRefused          5 auth         a key was refused what its role may do
├── CreatedDiffers      6 state        what was created is not readable as it was written
├── NotListedOnce       6 state        what was created is not listed, or more than once
├── UpdateLost          6 state        what was updated is read back without the update
├── UpdateSpread        6 state        an update changed what it did not name
├── DeletedRemains      6 state        what was deleted is still readable or listed
├── GoneNotRefused      6 state        deleting twice is not refused as documented
├── StepFailed          6 state        a step of the sequence was refused
├── PageOverlap         7 paging       an item is on two pages
├── PageLoss            7 paging       an item of the list is on no page
├── PageOverfull        7 paging       a page has more items than were asked for
├── PageOrder           7 paging       the same walk gave another order
├── PageBack            7 paging       walking back gives other pages
├── PageEndless         7 paging       no end that a client could recognise
├── PageRefused         7 paging       a page can't be fetched, or its address can't be called
├── TwinRequest         8 twins        the asynchronous call sends another request
├── TwinResult          8 twins        the asynchronous call makes something else of the response
└── NeverSucceeded      0 reach        no call of the operation had its documented success
"""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from tests.contract.evidence import Evidence

PROPERTIES = (
    "reach",
    "fidelity",
    "conformance",
    "parsing",
    "inputs",
    "auth",
    "state",
    "paging",
    "twins",
)


@frozen
class Breach:
    law: ClassVar[str] = ""

    detail: str
    evidence: Evidence = field(factory=Evidence, eq=False)

    @property
    def kind(self) -> str:
        return type(self).__name__


class RequestDiffers(Breach):
    law = "fidelity"


class Unanswered(Breach):
    law = "conformance"


class ResponseInvalid(Breach):
    law = "conformance"


class ParseFailed(Breach):
    law = "parsing"


class NotLossless(Breach):
    law = "parsing"


class ValidRejected(Breach):
    law = "inputs"


class InvalidAccepted(Breach):
    law = "inputs"


class StateChanged(Breach):
    law = "inputs"


class WriteUntraced(Breach):
    law = "inputs"


class AuthIgnored(Breach):
    law = "auth"


class KeyRefused(Breach):
    law = "auth"


class CreatedDiffers(Breach):
    law = "state"


class NotListedOnce(Breach):
    law = "state"


class UpdateLost(Breach):
    law = "state"


class UpdateSpread(Breach):
    law = "state"


class DeletedRemains(Breach):
    law = "state"


class GoneNotRefused(Breach):
    law = "state"


class StepFailed(Breach):
    law = "state"


class PageOverlap(Breach):
    law = "paging"


class PageLoss(Breach):
    law = "paging"


class PageOverfull(Breach):
    law = "paging"


class PageOrder(Breach):
    law = "paging"


class PageBack(Breach):
    law = "paging"


class PageEndless(Breach):
    law = "paging"


class PageRefused(Breach):
    law = "paging"


class TwinRequest(Breach):
    law = "twins"


class TwinResult(Breach):
    law = "twins"


class NeverSucceeded(Breach):
    law = "reach"
