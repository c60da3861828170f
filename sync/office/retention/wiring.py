"""The parts of retention put together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.keys import OfficeKeys
from sync.office.retention import remains
from sync.office.retention.certificates import Certificates
from sync.office.retention.daykeys import DayKeys
from sync.office.retention.erasing import Erasures
from sync.office.retention.finding import Finding
from sync.office.retention.holds import Holds
from sync.office.retention.store import Retention
from sync.office.seal import Sealer
from sync.office.settings import OfficeSettings
from sync.office.units import Units


def wired(
    settings: OfficeSettings,
    keys: OfficeKeys,
    database: Database,
    sealer: Sealer,
    day_keys: DayKeys,
    units: Units,
    hand_down: Callable[[str, str], None],
    drop_older: Callable[[str], None],
    purge: Callable[[], int],
    audit: Audit,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """`retention`, `finding` and `erasures` of an office. `drop_older(community)` drops older versions of its lists,
    `purge()` the announcements of visits long past."""
    certificates, holds = Certificates(database, keys.sign, settings.name), Holds(database, units, audit, now)
    finding = Finding(database, sealer, units, audit, hashlib.sha256(b"audit" + keys.secret).digest())

    def forgotten(community_id: str, who: str) -> None:
        hand_down(community_id, who)
        drop_older(community_id)
        remains.clear(database)

    erasures = Erasures(
        database, sealer, day_keys, units, finding, certificates, forgotten, audit, now, two_people=settings.two_people
    )
    retention = Retention(
        database,
        sealer,
        day_keys,
        certificates,
        holds,
        audit,
        now,
        days=settings.retention_days,
        zone=settings.zone,
        var=settings.var,
        settle=erasures.settle,
        purge=purge,
    )
    return {"retention": retention, "finding": finding, "erasures": erasures}
