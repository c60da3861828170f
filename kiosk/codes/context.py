"""What a code is judged against: the time, the issuers' keys, the revoked serials. All of it is passed in."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kiosk.codes import certificates, jwk
from kiosk.codes.algorithms import BY_NAME, PublicKey
from kiosk.codes.certificates import Certificate
from kiosk.codes.revocation import HashList
from kiosk.errors import HandDownError
from kiosk.lists.section import document as document_of
from kiosk.model import from_iso, iso

if TYPE_CHECKING:
    from kiosk.codes.provincial import Province

ANY_SCHEME = "*"  # a key given by hand, for whatever is being read; a trust section must name the scheme


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One key that vouches for codes of `scheme`; `kid` is what codes call it.

    `alg` is the algorithm's name (`ES256`…). `usage` says what the key may vouch for, empty for everything of its
    scheme. A key marked `demo` counts only where demonstrations are allowed.
    """

    scheme: str
    kid: bytes
    key: PublicKey
    alg: str
    issuer: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    usage: frozenset[str] = frozenset()
    demo: bool = False

    def in_force(self, at: datetime) -> bool:
        """Whether `at` lies within the key's own validity, both ends included."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at <= self.valid_until
        )


class Trust:
    """The issuers' keys by scheme and kid, parsed once.

    `problems` says which entries of a section could not be used; their codes are of an unknown issuer.
    """

    def __init__(self, keys: Iterable[IssuerKey] = (), problems: Iterable[str] = ()) -> None:
        self.problems = tuple(problems)
        self._all = tuple(keys)
        self._keys: dict[tuple[str, bytes], tuple[IssuerKey, ...]] = {}
        for key in self._all:
            place = (key.scheme, key.kid)
            self._keys[place] = (*self._keys.get(place, ()), key)

    @classmethod
    def of(cls, keys: Iterable[IssuerKey]) -> Trust:
        return cls(keys)

    @classmethod
    def from_section(cls, section: bytes | Mapping[str, Any]) -> Trust:
        """The `trust` section of a bundle. The same bytes are parsed only once.

        Raises HandDownError when it is no such section; a single unusable key is left out and named in `problems`.
        """
        return _trust_of(section) if isinstance(section, bytes) else _trust(section)

    def keys(self, scheme: str, kid: bytes) -> tuple[IssuerKey, ...]:
        """Every key of that scheme and kid: kids are short and may collide."""
        return self._keys.get((scheme, kid), ()) + self._keys.get((ANY_SCHEME, kid), ())

    def __iter__(self) -> Iterator[IssuerKey]:
        return iter(self._all)

    def to_section(self) -> dict[str, Any]:
        """These keys as the `trust` section says them."""
        return {"keys": [_entry(key) for key in self._all]}

    def __len__(self) -> int:
        return len(self._all)


class Revoked:
    """What is no longer good, by scheme: serials exactly, and hashes in compact lists that may hit a good code too.

    A serial followed by `@` and seconds since 1970 (`4f…@1687450765`) revokes only what was issued before then.
    """

    def __init__(self, serials: Mapping[str, Iterable[str]] | None = None, hash_lists: Iterable[HashList] = ()) -> None:
        self._serials = {
            scheme: frozenset(serial.lower() for serial in listed) for scheme, listed in (serials or {}).items()
        }
        self._before_s = {scheme: _moments(listed) for scheme, listed in self._serials.items()}
        self._hash_lists = tuple(hash_lists)

    @classmethod
    def none(cls) -> Revoked:
        return cls()

    @classmethod
    def from_section(cls, section: bytes | Mapping[str, Any]) -> Revoked:
        """The `revoked` section of a bundle. The same bytes are parsed only once.

        Raises HandDownError when anything in it cannot be read: a serial passed over would let a revoked code in.
        """
        return _revoked_of(section) if isinstance(section, bytes) else _revoked(section)

    def contains(self, scheme: str, serial: str, issued_at: datetime | None = None) -> bool:
        """Whether that very code is listed; `issued_at` is for entries that spare later codes of the same serial."""
        serial = serial.lower()
        if serial in self._serials.get(scheme, ()):
            return True
        before_s = self._before_s.get(scheme, {}).get(serial)
        return before_s is not None and (issued_at is None or issued_at.timestamp() < before_s)

    def may_contain(self, scheme: str, hashes: Iterable[bytes]) -> bool:
        """Whether any of `hashes` (16 bytes each) of one code may be listed; False is certain."""
        lists = [listed for listed in self._hash_lists if listed.scheme == scheme]
        return any(listed.may_contain(digest) for digest in hashes for listed in lists)

    def with_hashes(self, *hash_lists: HashList) -> Revoked:
        """The same serials with these compact lists."""
        return Revoked(self._serials, hash_lists)

    def to_section(self) -> dict[str, Any]:
        """These serials as the `revoked` section says them."""
        return {"serials": {scheme: sorted(listed) for scheme, listed in self._serials.items()}}


@dataclass(frozen=True, slots=True)
class ReadContext:
    """`at` is the time of judging. Keys marked demo count only with `demo`, and so do provinces."""

    at: datetime
    trust: Trust = field(default_factory=Trust)
    revoked: Revoked = field(default_factory=Revoked)
    demo: bool = False
    provinces: tuple[Province, ...] = ()

    def keys(self, scheme: str, kid: bytes) -> tuple[IssuerKey, ...]:
        """The keys that may vouch here, those in force at `at` first."""
        keys = [key for key in self.trust.keys(scheme, kid) if self.demo or not key.demo]
        return tuple(sorted(keys, key=lambda key: not key.in_force(self.at)))


def _moments(serials: Iterable[str]) -> dict[str, float]:
    """The latest moment of each serial that is listed with one."""
    moments: dict[str, float] = {}
    for entry in serials:
        serial, mark, seconds = entry.rpartition("@")
        if mark and seconds.isdecimal() and seconds.isascii():
            moments[serial] = max(float(seconds), moments.get(serial, 0.0))
    return moments


@lru_cache(maxsize=8)
def _trust_of(section: bytes) -> Trust:
    return _trust(document_of(section, "trust"))


@lru_cache(maxsize=8)
def _revoked_of(section: bytes) -> Revoked:
    return _revoked(document_of(section, "revoked"))


def _trust(document: Mapping[str, Any]) -> Trust:
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise HandDownError("section 'trust' must hold a list 'keys'")
    keys, problems = [], []
    for number, entry in enumerate(entries):
        try:
            keys.append(_key(entry))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            problems.append(f"trust keys[{number}]: {_words(error)}")
    return Trust(keys, problems)


def _words(error: Exception) -> str:
    return f"missing {error}" if isinstance(error, KeyError) else str(error)


def _key(entry: Mapping[str, Any]) -> IssuerKey:
    """One entry of the section. Raises ValueError, TypeError, KeyError or OverflowError for one that cannot be used."""
    if not isinstance(entry, dict):
        raise TypeError("must be an object")
    scheme, kid = entry["scheme"], bytes.fromhex(entry["kid"])
    said = _certified(entry["x5c"]) if "x5c" in entry else None
    demo, usage = entry.get("demo", False), entry.get("usage") or (sorted(said.usage) if said else [])
    if not isinstance(scheme, str) or not scheme or scheme == ANY_SCHEME:
        raise ValueError(f"scheme {scheme!r} names no scheme")
    if not kid or not isinstance(demo, bool) or not isinstance(usage, list):
        raise ValueError("kid must not be empty, demo be true or false, usage be a list")
    return IssuerKey(
        scheme=scheme,
        kid=kid,
        key=_fitting(said.key if said else _public_key(entry["jwk"]), entry["alg"]),
        alg=entry["alg"],
        issuer=str(entry.get("issuer") or ""),
        valid_from=_time(entry.get("valid_from")) or (said.valid_from if said else None),
        valid_until=_time(entry.get("valid_until")) or (said.valid_until if said else None),
        usage=frozenset(str(item) for item in usage),
        demo=demo,
    )


def _public_key(document: Any) -> PublicKey:
    if not isinstance(document, dict):
        raise TypeError("jwk must be an object")
    return jwk.public_key(document)


def _certified(chain: Any) -> Certificate:
    """The certificate of the key itself, the first of an `x5c` (RFC 7517 §4.7); what it rests on is the office's
    affair."""
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        raise TypeError("x5c must be a list of base64 texts")
    return certificates.read(base64.b64decode(chain[0], validate=True))


def _fitting(key: PublicKey, alg: str) -> PublicKey:
    if alg not in BY_NAME:
        raise ValueError(f"alg {alg!r} is not known; known: {', '.join(BY_NAME)}")
    if not BY_NAME[alg].fits(key):
        raise ValueError(f"this key cannot do {alg}")
    return key


def _time(value: str | None) -> datetime | None:
    return None if value is None else from_iso(value)


def _entry(key: IssuerKey) -> dict[str, Any]:
    return {
        "scheme": key.scheme,
        "kid": key.kid.hex(),
        "alg": key.alg,
        "jwk": jwk.from_public_key(key.key),
        "issuer": key.issuer,
        "valid_from": key.valid_from and iso(key.valid_from),
        "valid_until": key.valid_until and iso(key.valid_until),
        "usage": sorted(key.usage),
        "demo": key.demo,
    }


def _revoked(document: Mapping[str, Any]) -> Revoked:
    serials = document.get("serials")
    if not isinstance(serials, dict):
        raise HandDownError("section 'revoked' must hold an object 'serials'")
    for scheme, listed in serials.items():
        if not isinstance(listed, list) or not all(isinstance(serial, str) and serial for serial in listed):
            raise HandDownError(f"section 'revoked': serials of {scheme!r} must be a list of texts")
    return Revoked(serials)
