"""What the office's word to single gates rests on: which gates there are, the audit, and its signature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import signet
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.gates import Gates


class Directing:
    def __init__(
        self,
        database: Database,
        gates: Gates,
        audit: Audit,
        sign_key: Ed25519PrivateKey,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._gates = gates
        self._audit = audit
        self._sign_key = sign_key
        self._now = now

    def _signed(self, statement: dict[str, Any]) -> str:
        return signet.sign(self._sign_key, statement)
