"""Making SMART Health Cards: for films, rehearsals and tests. Streets issue office passes instead."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

from kiosk.codes import jwk
from kiosk.codes.algorithms import PrivateKey, PublicKey
from kiosk.codes.shc import jws


def kid_of(key: PublicKey) -> str:
    """What cards call the key: its RFC 7638 thumbprint in base64url."""
    return base64.urlsafe_b64encode(jwk.thumbprint(key)).rstrip(b"=").decode()


def issue(claims: Mapping[str, Any], key: PrivateKey) -> str:
    """The compact JWS of `claims`, to be put into symbols by `numeric.write`. Raises ValueError off P-256."""
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return jws.seal(packer.compress(payload) + packer.flush(), key, kid_of(key.public_key()))
