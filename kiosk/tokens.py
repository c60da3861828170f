"""Person tokens: keyed hashes by which a gate recognises people without holding a list of names. Pure."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

KINDS = ("id", "phone", "pass", "plate", "code", "household", "declaration")


def normalise(identity: str) -> str:
    """Full-width to ASCII, upper case, without blanks, hyphens and dots; +86 before a phone number goes."""
    text = unicodedata.normalize("NFKC", identity).upper()
    text = "".join(char for char in text if not char.isspace() and char not in "-.·")
    return text.removeprefix("+86")


def token(key: bytes, kind: str, identity: str) -> str:
    """HMAC-SHA256 under the community's key, hex. `kind` (one of KINDS) keeps an ID number and a phone apart.

    Raises ValueError for an unknown kind or an empty identity.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of identity {kind!r}")
    if not (plain := normalise(identity)):
        raise ValueError("an empty identity has no token")
    return hmac.new(key, f"{kind}:{plain}".encode(), hashlib.sha256).hexdigest()
