"""The short code of a declaration `GD1:`: eight digits by which a gate finds what a household announced (row C2).

Seven random digits and one after ISO/IEC 7064 MOD 11,10. It proves nothing about whoever shows it: anybody could have
seen it on a phone. docs/codes.md has the format.
"""

from __future__ import annotations

import re

from stdnum.iso7064 import mod_11_10

from kiosk.codes.context import ReadContext
from kiosk.codes.scheme import Scheme, rejected
from kiosk.model import HealthCode, Reason, Verification

NAME = "declaration"
PREFIX = "GD1:"
DIGITS = 8
MAX_CHARS = 32

_FORM = re.compile(r"[0-9]{8}")


def number(seven: str) -> str:
    """The code of seven digits. Raises ValueError for anything else."""
    if len(seven) != DIGITS - 1 or not (seven.isascii() and seven.isdigit()):
        raise ValueError("a declaration's code is made of seven digits")
    return seven + str(mod_11_10.calc_check_digit(seven))


def holds(digits: str) -> bool:
    """Whether these are eight digits whose last one fits."""
    return _FORM.fullmatch(digits) is not None and number(digits[:-1]) == digits


def grouped(digits: str) -> str:
    """1234 5678, as people read it to one another."""
    return f"{digits[:4]} {digits[4:]}"


def read(text: str, context: ReadContext) -> HealthCode:  # noqa: ARG001  every scheme is read the same way
    """The declaration that `text` names, by its serial: UNVERIFIED at best."""
    digits = text.removeprefix(PREFIX)
    if not holds(digits):
        return rejected(NAME, Reason.MALFORMED)
    return HealthCode(scheme=NAME, serial=digits, verification=Verification.UNVERIFIED, reason=Reason.UNVERIFIABLE)


SCHEME = Scheme(NAME, PREFIX, MAX_CHARS, read)
