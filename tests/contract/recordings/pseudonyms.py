"""Made-up names for real ones: the same for the same, and not to be guessed without the salt.

Addresses become ones of domains and networks that are reserved for examples. What is random but no
known secret (tokens of pages, ids) keeps its length and the kinds of its characters, so that
patterns of the truth still hold; secrets do not, or scanners would take them for real ones.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import string
from base64 import b32encode

from attrs import field, frozen

_PLACEHOLDER = re.compile(
    r"(?:.+\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost)", re.IGNORECASE
)
# Hosts of the API itself; other names below these domains belong to customers.
_SERVICE = re.compile(
    r"(?:(?:www|app|api|smtp|mx[ab]|documentation|help|storage(?:-[\w-]+)?|se|so|sw|ne)\.)*"
    r"(?:(?:eu|us)\.)?(?:api\.)?mailgun\.(?:net|org|com)",
    re.IGNORECASE,
)
# Labels that say what a name is for, not whose it is.
_COMMON = frozenset({"_dmarc", "_domainkey", "email", "mail", "mg", "mx", "pic", "smtp", "www"})
_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.2.0/24",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "198.18.0.0/15",
            "127.0.0.0/8",
            "0.0.0.0/32",
            "2001:db8::/32",
            "::/127",
        ),
    )
)
_SIMPLE = re.compile(r"[\w.+-]{1,32}")
_LETTERS = 10


@frozen
class Pseudonyms:
    salt: bytes = field(repr=False)

    def email(self, local: str, domain: str) -> str:
        """An address with another local part, unless the domain is a placeholder anyway."""
        if self.placeholder(domain) and _SIMPLE.fullmatch(local):
            return f"{local}@{domain}"
        # Another domain, another person: both are part of what is hashed.
        return f"user-{self._letters('email', f'{local}@{domain}')}@{self.domain(domain)}"

    def domain(self, name: str) -> str:
        """A name below `.example`; that of a subdomain is below that of its domain."""
        if self.placeholder(name):
            return name
        labels = name.lower().rstrip(".").split(".")
        whose, above = ".".join(labels[-2:]), labels[:-2]
        found = [
            label if label in _COMMON else "s-" + self._letters("label", label) for label in above
        ]
        dot = "." if name.endswith(".") else ""
        return ".".join([*found, "d-" + self._letters("domain", whose), "example"]) + dot

    @staticmethod
    def placeholder(name: str) -> bool:
        bare = name.rstrip(".")
        return bool(_PLACEHOLDER.fullmatch(bare) or _SERVICE.fullmatch(bare))

    def ip(self, text: str) -> str:
        """An address of a network for examples or benchmarks; ValueError for what is no address."""
        address = ipaddress.ip_address(text)
        if any(address in network for network in _NETWORKS):
            return text
        number = int.from_bytes(self._hash("ip", str(address))[:8])
        if address.version == 4:
            return str(ipaddress.IPv4Address("198.18.0.0") + number % 2**17)
        return str(ipaddress.IPv6Address("2001:db8::") + number)

    def phone(self, text: str) -> str:
        """A number of the country code 999, which is nobody's."""
        digits = "".join(letter for letter in text if letter.isdigit())
        if digits.startswith("999"):
            return text
        return f"+999{int.from_bytes(self._hash('phone', digits)[:8]) % 10**9:09d}"

    def name(self, kind: str, text: str) -> str:
        return f"{kind}-{self._letters(kind, text)}"

    def secret(self, text: str) -> str:
        """Plainly made up; nothing for nothing."""
        if not text:
            return text
        return f"scrubbed-{b32encode(self._hash('secret', text)).decode().lower()[:_LETTERS]}"

    def mask(self, secret: str) -> str:
        """The same shape: hexadecimal stays so, letters, digits and signs where they were."""
        used = set(secret) - set("-_.")
        hexadecimal = used <= set("0123456789abcdef") and not used <= set(string.digits)
        return "".join(
            _other(letter, byte, hexadecimal=hexadecimal)
            for letter, byte in zip(secret, self._stream(secret), strict=False)
        )

    def _stream(self, text: str) -> list[int]:
        found: list[int] = []
        while len(found) < len(text):
            found += self._hash(f"mask {len(found)}", text)
        return found

    def _letters(self, kind: str, text: str) -> str:
        return b32encode(self._hash(kind, text.lower())).decode().lower()[:_LETTERS]

    def _hash(self, kind: str, text: str) -> bytes:
        data = f"{kind}\0{text}".encode(errors="surrogatepass")
        return hmac.digest(self.salt, data, "sha256")


def _other(letter: str, byte: int, *, hexadecimal: bool) -> str:
    if hexadecimal and letter in "0123456789abcdef":
        return "0123456789abcdef"[byte % 16]
    if letter.isdecimal():
        return string.digits[byte % 10]
    if letter.isalpha():
        pool = string.ascii_uppercase if letter.isupper() else string.ascii_lowercase
        return pool[byte % 26]
    return letter
