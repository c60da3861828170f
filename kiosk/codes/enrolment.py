"""The enrolment code `GE1:`: what a kiosk needs to become a gate of its office, as the office's page shows it.

Base45 of a CBOR array: the office's address, the one-time token, and the first 16 bytes of SHA-256 over the office's
Ed25519 key, by which the kiosk knows that it is this office that answers. docs/codes.md has the format. It is a secret
until it was used, and says nothing of anybody's health: read as a health code it is rejected.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from kiosk.codes import base45, cbor
from kiosk.codes.context import ReadContext
from kiosk.codes.scheme import Scheme, printable, rejected
from kiosk.model import HealthCode, Reason

NAME = "enrolment-code"
PREFIX = "GE1:"
MAX_CHARS = 1024
MAX_URL, MAX_TOKEN = 300, 200
FINGERPRINT_BYTES = 16


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """Where to enrol and with what; `fingerprint` is empty where somebody typed the code without it."""

    url: str
    token: str = field(repr=False)
    fingerprint: bytes = b""


def is_one(text: str) -> bool:
    """Whether `text` means to be an enrolment code."""
    return text.lstrip().upper().startswith(PREFIX)


def write(code: EnrolmentCode) -> str:
    """The text of a code, all of it in the alphabet that makes small QR symbols."""
    return PREFIX + base45.encode(cbor.encode([code.url, code.token, code.fingerprint]))


def parse(text: str) -> EnrolmentCode:
    """The code in `text`. Raises ValueError for what is none, or not whole."""
    body = text.strip()[len(PREFIX) :]  # a blank is a digit, but no text in Base45 ends with one
    if not is_one(text) or len(text) > MAX_CHARS:
        raise ValueError("not an enrolment code")
    match cbor.decode(base45.decode(body)):
        case [str() as url, str() as token, bytes() as print_] if (
            printable(url, MAX_URL) and printable(token, MAX_TOKEN) and len(print_) == FINGERPRINT_BYTES
        ):
            return EnrolmentCode(url, token, print_)
    raise ValueError("not an enrolment code as offices write them")


def fingerprint(office_key: bytes) -> bytes:
    """By what people and kiosks tell an office's key (32 bytes) from another."""
    return hashlib.sha256(office_key).digest()[:FINGERPRINT_BYTES]


def grouped(print_: bytes) -> str:
    """1F2E 3D4C …, as people compare it."""
    digits = print_.hex().upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def typed_fingerprint(text: str) -> bytes:
    """A fingerprint as somebody typed it, empty for none. Raises ValueError."""
    if not (digits := "".join(text.split()).replace("-", "")):
        return b""
    print_ = bytes.fromhex(digits)
    if len(print_) != FINGERPRINT_BYTES:
        raise ValueError(f"a fingerprint has {2 * FINGERPRINT_BYTES} digits")
    return print_


def read(text: str, context: ReadContext) -> HealthCode:  # noqa: ARG001  every scheme is read the same way
    """Nobody's health code, by its own name."""
    return rejected(NAME, Reason.UNKNOWN_SCHEME)


SCHEME = Scheme(NAME, PREFIX, MAX_CHARS, read)
