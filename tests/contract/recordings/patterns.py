"""What an address or a secret looks like in text.

One expression with a named group for each kind, so that a text is read once from left to right and
what was made up is never taken for something real again.
"""

from __future__ import annotations

import re
from typing import Final

_AT: Final = r"(?:@|%40|=40|&\#64;|\\u0040)"
_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST: Final = rf"(?:_?{_LABEL}\.){{1,12}}(?:xn--[a-z0-9-]+|[^\W\d_]{{2,63}})"
_DOTTED: Final = r"(?:\d{1,3}\.){3}\d{1,3}"
_LOCAL: Final = r"(?:[\w.!\#$%*+=^`{|}~-]|(?<=\w)'(?=\w)){1,128}"

TEXT: Final = re.compile(
    rf"""
    (?P<pem>-----BEGIN\ [A-Z ]+-----.*?(?:-----END\ [A-Z ]+-----|\Z))
  | (?P<auth>\b(?P<scheme>Basic|Bearer|Digest|bearer|AWS4-HMAC-SHA256)\ +
        (?P<credentials>(?=[^\s"',;]*(?:[\d=_.-]|[a-z][A-Z]))[^\s"',;]{{6,}}))
  | (?P<encoded>=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=)
  | (?P<url>\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'<>\\^`{{|}}]+)
  | (?P<mailbox>(?:^|(?<=[,;:]))[ ]*(?P<who>"(?:[^"\\\n]|\\.){{1,100}}"|[^\W\d_][\w.'’ -]{{0,80}}?)
        [ ]*<(?P<of>{_LOCAL}@(?:_?{_LABEL}\.){{0,12}}{_LABEL})>)
  | (?P<email>(?P<local>"(?:[^"\\\n]|\\.){{1,64}}"(?=@)|{_LOCAL}){_AT}
        (?P<at>\[[0-9a-fA-F:.]+\]|(?:_?{_LABEL}\.){{0,12}}{_LABEL}))
  | (?P<ip>(?<![\d.]){_DOTTED}(?!\d|\.\d)
      | (?<![\w:.])(?:[0-9a-fA-F]{{0,4}}:){{2,7}}(?:{_DOTTED}|[0-9a-fA-F]{{1,4}})?(?![\w:]))
  | (?P<phone>(?<![\w.])(?:\+\d[\d\s().-]{{5,20}}\d
      | \(\d{{3}}\)\s?\d{{3}}[-.\s]\d{{4}} | \d{{3}}[-.\s]\d{{3}}[-.\s]\d{{4}})(?!\w))
  | (?P<host>(?<![\w.-]){_HOST}\.?(?![\w-]))
  | (?P<token>[A-Za-z0-9][A-Za-z0-9_+/-]{{15,}}={{0,2}})
    """,
    re.VERBOSE | re.DOTALL,
)
# A time zone and a year, which otherwise look like the start of a telephone number.
ZONE: Final = re.compile(r"\+\d{4}\s+(?:19|20)\d\d")
# Endings of files that no domain has.
_TEXTS: Final = ("csv", "doc", "docx", "eml", "htm", "html", "ics", "json", "log", "pdf", "txt")
FILES: Final = frozenset(
    {*_TEXTS, "gif", "jpeg", "jpg", "png", "xls", "xlsx", "xml", "yaml", "yml"}
)
_HEXADECIMAL: Final = re.compile(r"[0-9a-f-]+|[0-9A-F-]+")
_SECRET: Final = re.compile(
    r"(?:password|passwd|secret|apikey|privatekey|signingkey|accesskey|authorization|cookie)"
    r"|(?:token|pem|signature|pwd|hmac|otp|sessionid|credential)s?$"
)
# Keys of the API, of both ages, and of others that are often beside them.
KEYS: Final = re.compile(
    r"(?:pub)?key-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}|AKIA[0-9A-Z]{16}"
)
# These only tell something about a secret.
_ABOUT: Final = re.compile(r"(?:at|date|time|count|length|enabled|required|type|id|url|name)$")
_PHONE: Final = re.compile(r"^(?:.*phone(?:number)?|mobile|msisdn|tel|telephone|fax|sms)$")
_PERSON: Final = re.compile(r"^(?:first|last|full|display|real|given|family|sur)name$")


def secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret, whatever it looks like."""
    plain = _plain(name)
    return bool(_SECRET.search(plain)) and not _ABOUT.search(plain)


def phone_name(name: str) -> bool:
    return bool(_PHONE.search(_plain(name)))


def person_name(name: str) -> bool:
    return bool(_PERSON.search(_plain(name)))


def secret_shape(text: str) -> bool:
    """Whether a run of letters and digits is too random to be a word or a number."""
    if not any(map(str.isdigit, text)) or not any(map(str.isalpha, text)):
        return False
    return len(text) >= 20 or bool(_HEXADECIMAL.fullmatch(text))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
