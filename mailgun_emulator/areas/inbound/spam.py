"""The spam filter of a domain (sending SPAM-001 to SPAM-005).

There is no SpamAssassin here. Who hands mail in says what was found; besides, every mail with the
test string that all such filters know (GTUBE) is spam.
"""

from __future__ import annotations

import re

from attrs import frozen

from mailgun_emulator.areas.messages.records import Headers

DISABLED, BLOCK, TAG = "disabled", "block", "tag"
THRESHOLD = 5.0
# Of an unremarkable message, and of one with the test string.
CLEAN, TESTED = -1.1, 1000.0

_GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
_SIGNED = re.compile(rb"^dkim-signature:", re.IGNORECASE | re.MULTILINE)
SPF = ("Pass", "Neutral", "Fail", "SoftFail")
DKIM = ("Pass", "Fail")


@frozen
class Findings:
    """What is known of a message; what is None is decided by the message itself."""

    score: float | None = None
    spf: str = "Pass"
    dkim: str | None = None


@frozen
class Verdict:
    """What the filter says; `dkim` is empty for mail without signature."""

    score: float
    spf: str
    dkim: str
    rules: tuple[str, ...]

    @property
    def spam(self) -> bool:
        """Whether the score is that of spam (SPAM-004)."""
        return self.score >= THRESHOLD

    def headers(self) -> Headers:
        """What `tag` adds; `No` for clean mail was seen (SPAM-002, SPAM-003, DIFF-044)."""
        marks = [
            ("X-Mailgun-Sflag", "Yes" if self.spam else "No"),
            ("X-Mailgun-Sscore", f"{self.score:.1f}"),
            ("X-Mailgun-Spam-Rules", ", ".join(self.rules) or "none"),
        ]
        if self.dkim:
            marks.append(("X-Mailgun-Dkim-Check-Result", self.dkim))
        return [*marks, ("X-Mailgun-Spf", self.spf)]


def judge(raw: bytes, findings: Findings) -> Verdict:
    """The verdict on a message."""
    tested = _GTUBE in raw
    score = findings.score
    if score is None:
        score = TESTED if tested else CLEAN
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    dkim = findings.dkim or ("Pass" if _SIGNED.search(head) else "")
    return Verdict(score, findings.spf, dkim, ("GTUBE",) if tested else ())
