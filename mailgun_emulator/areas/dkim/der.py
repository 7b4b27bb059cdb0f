"""The little of ASN.1 DER that keys and certificates need (X.690, RFC 8017, RFC 5280).

Keys are synthesised: a modulus is random bits of the right size, not a product of primes. Public
keys and certificates parse everywhere and verify nothing.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

_INTEGER, _BITS, _NULL, _OID, _UTF8, _SEQUENCE, _SET = 0x02, 0x03, 0x05, 0x06, 0x0C, 0x30, 0x31
_UTC_TIME, _GENERAL_TIME, _EXPLICIT_0 = 0x17, 0x18, 0xA0
_EXPONENT = 65537
_RSA = bytes.fromhex("2a864886f70d010101")
_SHA256_RSA = bytes.fromhex("2a864886f70d01010b")
_COMMON_NAME = bytes.fromhex("550403")
# An RSAPrivateKey holds its version, two exponents, the modulus, two primes and three helpers.
_PRIVATE_NUMBERS = 9


def modulus(seed: str, bits: int) -> int:
    """An odd number of exactly `bits` bits; the same for the same seed."""
    number = int.from_bytes(hashlib.shake_256(seed.encode()).digest(bits // 8))
    return number | 1 << (bits - 1) | 1


def public_key(number: int, exponent: int = _EXPONENT) -> bytes:
    """A SubjectPublicKeyInfo of an RSA key."""
    key = _tlv(_SEQUENCE, _integer(number), _integer(exponent))
    return _tlv(_SEQUENCE, _algorithm(_RSA), _tlv(_BITS, b"\0", key))


def private_key_numbers(data: bytes) -> tuple[int, int]:
    """Modulus and public exponent of a PKCS #1 RSAPrivateKey.

    Raises TypeError for DER of another shape, ValueError for what is not DER.
    """
    tag, body, rest = _read(data)
    if rest:
        raise ValueError("more than one value")
    numbers: list[int] = []
    while body:
        inner, value, body = _read(body)
        if tag != _SEQUENCE or inner != _INTEGER:
            raise TypeError("not an RSAPrivateKey")
        numbers.append(int.from_bytes(value, signed=True))
    if len(numbers) < _PRIVATE_NUMBERS or numbers[1] <= 0 or numbers[2] <= 0:
        raise TypeError("not an RSAPrivateKey")
    return numbers[1], numbers[2]


def certificate(host: str, issuer: str, starts: datetime, ends: datetime) -> str:
    """An X.509 certificate for a host, as PEM."""
    seed = f"{host} {starts.timestamp()}"
    unsigned = _tlv(
        _SEQUENCE,
        _tlv(_EXPLICIT_0, _integer(2)),
        _integer(modulus(f"serial {seed}", 120)),
        _algorithm(_SHA256_RSA),
        _name(issuer),
        _tlv(_SEQUENCE, _time(starts), _time(ends)),
        _name(host),
        public_key(modulus(f"key {seed}", 2048)),
    )
    signature = modulus(f"signature {seed}", 2048).to_bytes(256)
    whole = _tlv(_SEQUENCE, unsigned, _algorithm(_SHA256_RSA), _tlv(_BITS, b"\0", signature))
    lines = base64.encodebytes(whole).decode().replace("\n", "")
    folded = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    return f"-----BEGIN CERTIFICATE-----\n{folded}\n-----END CERTIFICATE-----\n"


def _tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width) + body


def _integer(number: int) -> bytes:
    return _tlv(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def _algorithm(oid: bytes) -> bytes:
    return _tlv(_SEQUENCE, _tlv(_OID, oid), _tlv(_NULL))


def _name(common: str) -> bytes:
    pair = _tlv(_SEQUENCE, _tlv(_OID, _COMMON_NAME), _tlv(_UTF8, common.encode()))
    return _tlv(_SEQUENCE, _tlv(_SET, pair))


def _time(moment: datetime) -> bytes:
    # RFC 5280: two-digit years up to 2049, four digits from then on.
    if moment.year < 2050:
        return _tlv(_UTC_TIME, f"{moment:%y%m%d%H%M%SZ}".encode())
    return _tlv(_GENERAL_TIME, f"{moment:%Y%m%d%H%M%SZ}".encode())


def _read(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of the first value, and what follows it."""
    if len(data) < 2:
        raise ValueError("cut short")
    size, start = data[1], 2
    if size & 0x80:
        width = size & 0x7F
        size, start = int.from_bytes(data[2 : 2 + width]), 2 + width
    if len(data) < start + size:
        raise ValueError("cut short")
    return data[0], data[start : start + size], data[start + size :]
