"""销毁证明: what was destroyed, when and by whom; signed, each naming the one before it, never changed.

A certificate names no person: of a day it says how much was recorded, of somebody's request how many parts went.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, func, insert, select

from kiosk import chain, signet
from kiosk.model import ZERO_DIGEST, from_iso, iso
from sync.office.db import Database
from sync.office.db.alone import alone
from sync.office.db.retention import CertificateRow
from sync.office.errors import NotFound
from sync.office.scope import within
from sync.office.values import Page, Scope

DAYS, PERSON = "day", "person"  # kinds


@dataclass(frozen=True, slots=True)
class Certificate:
    """`said` is the statement that `signature` (the office's, base64) lies under."""

    number: int
    community: str
    said: Mapping[str, Any]
    digest: str
    signature: str

    @property
    def kind(self) -> str:
        return str(self.said["kind"])

    @property
    def at(self) -> datetime:
        return from_iso(self.said["at"])


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """Whether all certificates hold; `why` names the first that does not."""

    count: int
    why: str = ""


class Certificates:
    def __init__(self, database: Database, sign_key: Ed25519PrivateKey, office_name: str) -> None:
        self._database = database
        self._sign_key = sign_key
        self._office = office_name

    def issue(
        self, tx: Connection, kind: str, community: str, at: datetime, said: Mapping[str, Any], key: str | None = None
    ) -> int:
        """The number of a new certificate, in the transaction of what it certifies; `key` is the day key destroyed."""
        alone(tx, CertificateRow)
        last = tx.execute(
            select(CertificateRow.number, CertificateRow.digest).order_by(CertificateRow.number.desc()).limit(1)
        ).one_or_none()
        number = last.number + 1 if last else 1
        statement = {
            "certificate": number,
            "prev": last.digest if last else ZERO_DIGEST,
            "office": self._office,
            "kind": kind,
            "community": community,
            "at": iso(at),
            **said,
        }
        text = chain.canonical(statement)
        row = {"number": number, "community_id": community, "key_id": key, "said": text.decode()}
        signed = {"digest": _digest(text), "signature": signet.sign(self._sign_key, statement)}
        tx.execute(insert(CertificateRow).values(**row, **signed))
        return number

    def page(self, scope: Scope, page: int = 1, size: int = 50) -> Page[Certificate]:
        """Newest first."""
        seen = within(CertificateRow.community_id, scope)
        wanted = select(CertificateRow).where(seen).order_by(CertificateRow.number.desc())
        with self._database.read() as tx:
            total = tx.scalar(select(func.count()).select_from(CertificateRow).where(seen)) or 0
            rows = tx.execute(wanted.limit(size).offset((page - 1) * size)).all()
        return Page(tuple(map(_certificate, rows)), total, page, size)

    def all(self, scope: Scope) -> Iterator[Certificate]:
        """Oldest first."""
        wanted = select(CertificateRow).where(within(CertificateRow.community_id, scope))
        with self._database.read() as tx:
            yield from map(_certificate, tx.execute(wanted.order_by(CertificateRow.number)))

    def get(self, number: int, scope: Scope) -> Certificate:
        """Raises NotFound, outside the scope too."""
        wanted = select(CertificateRow).where(
            CertificateRow.number == number, within(CertificateRow.community_id, scope)
        )
        with self._database.read() as tx:
            row = tx.execute(wanted).one_or_none()
        if row is None:
            raise NotFound(f"no certificate {number}")
        return _certificate(row)

    def check(self) -> ChainCheck:
        """Follows all certificates from the first and checks every signature."""
        public = self._sign_key.public_key().public_bytes_raw()
        prev, count = ZERO_DIGEST, 0
        with self._database.read() as tx:
            for row in tx.execute(select(CertificateRow).order_by(CertificateRow.number)):
                said = msgspec.json.decode(row.said, type=dict[str, Any])
                named = (row.number, said.get("certificate"), said.get("prev"), row.digest)
                if named != (count + 1, count + 1, prev, _digest(row.said.encode())):
                    return ChainCheck(count, f"certificate {count + 1} is missing or was altered")
                if not signet.fits(public, said, row.signature):
                    return ChainCheck(count, f"certificate {count + 1} is not signed by this office")
                prev, count = row.digest, count + 1
        return ChainCheck(count)


def certified(tx: Connection, key: bytes) -> bool:
    """Whether a certificate says that this day key was destroyed."""
    named = CertificateRow.key_id == str(uuid.UUID(bytes=key))
    return tx.scalar(select(CertificateRow.number).where(named).limit(1)) is not None


def _certificate(row: Any) -> Certificate:
    said = msgspec.json.decode(row.said, type=dict[str, Any])
    return Certificate(row.number, row.community_id, said, row.digest, row.signature)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
