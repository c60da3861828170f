"""Making EU certificates: for films, rehearsals and tests. Streets issue office passes instead."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kiosk.codes import base45, cwt
from kiosk.codes.algorithms import PrivateKey
from kiosk.codes.dcc.payload import CLAIM, VERSION_1
from kiosk.codes.dcc.reading import PREFIX

_ISS, _EXP, _IAT = 1, 4, 6


def issue(
    certificate: Mapping[str, Any], country: str, valid: tuple[datetime, datetime], *, key: PrivateKey, kid: bytes
) -> str:
    """The text of a symbol: `certificate` as its schema wants it, `valid` from and until (both included)."""
    issued_at, expires = (int(moment.timestamp()) for moment in valid)
    claims = {_ISS: country, _EXP: expires, _IAT: issued_at, CLAIM: {VERSION_1: certificate}}
    return PREFIX + base45.encode(zlib.compress(cwt.seal_token(claims, key=key, kid=kid), 9))
