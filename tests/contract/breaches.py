"""The ways in which client, server and truth can disagree.

Breach
├── RequestDiffers      1 fidelity     the wire does not carry what the case says
├── ResponseInvalid     2 conformance  undocumented status, content type, header or schema; 5xx
├── ParseFailed         3 parsing      the client raised on a response
├── NotLossless         3 parsing      the parsed model does not give the JSON back
├── ValidRejected       4 inputs       a valid call on existing resources was refused
├── InvalidAccepted     4 inputs       an invalid call succeeded
├── StateChanged        4 inputs       a refused call left a trace
├── AuthIgnored         5 auth         a call succeeded without the right key
└── NeverSucceeded      0 reach        no call of the operation had its documented success
"""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from tests.contract.evidence import Evidence

PROPERTIES = ("reach", "fidelity", "conformance", "parsing", "inputs", "auth")


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


class AuthIgnored(Breach):
    law = "auth"


class NeverSucceeded(Breach):
    law = "reach"
