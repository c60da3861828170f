"""Trying a version on the past: begun once, run in a thread, seen from every worker process, cancelled from any.

All that a page needs stands in the database. A run whose process is gone stops beating and counts as failed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, delete, func, insert, select, update
from uuid_utils import uuid7

from kiosk.model import Verdict, from_iso
from kiosk.records import reason
from kiosk.screening import policy
from sync.office.audit import Audit
from sync.office.db import Database
from sync.office.db.once import insert_once
from sync.office.db.policies import PolicyChangeRow, PolicyTrialRow
from sync.office.db.types import has_id
from sync.office.errors import NotFound, Refused
from sync.office.policy import checks, rows
from sync.office.policy.past import HOUR, Outcome, Past, judge, spelt, week
from sync.office.policy.values import Change, Tally, Trial, Version
from sync.office.scope import within
from sync.office.values import Page, Scope

RUNNING, DONE, CANCELLED, FAILED = "running", "done", "cancelled", "failed"
BEAT_S = 1.0  # how often a run tells how far it is
SILENT = timedelta(minutes=2)  # a run that has not told for so long is no more
MOST_DAYS = 31
log = structlog.get_logger(__name__)


class Trials:
    def __init__(self, database: Database, past: Past, audit: Audit, now: Callable[[], datetime]) -> None:
        self._database = database
        self._past = past
        self._audit = audit
        self._now = now
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self, version_id: str, days: int, scope: Scope, *, who: str) -> Trial:
        """A run over the last `days` days, going on in the background; the one that is under way already, if it is of
        the same document. Raises PolicyError for a document with problems, Refused, NotFound."""
        if not 1 <= days <= MOST_DAYS:
            raise Refused(f"try a policy on 1 to {MOST_DAYS} days")
        with self._database.write() as tx:
            version = rows.locked(tx, version_id, scope)
            checks.check(version.document)
            document = rows.text(version.document)
            if (going := self._going(tx, version_id)) and going.document == document:
                return self._trial(going)
            trial_id = self._new(tx, version, document, days, who)
            rows.note(self._audit, tx, who, "try", version, f"{days} d")
        thread = threading.Thread(target=self._run_safely, args=(trial_id,), name="policy-trial", daemon=True)
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()
        return self.get(trial_id, scope)

    def get(self, trial_id: str, scope: Scope) -> Trial:
        """Raises NotFound."""
        wanted = select(PolicyTrialRow).where(
            has_id(PolicyTrialRow.id, trial_id), within(PolicyTrialRow.community_id, scope)
        )
        with self._database.read() as tx:
            row = tx.execute(wanted).one_or_none()
        if row is None:
            raise NotFound(f"no trial {trial_id}")
        return self._trial(row)

    def latest(self, version_id: str, scope: Scope) -> Trial | None:
        """The version's last run."""
        mine = (has_id(PolicyTrialRow.policy_id, version_id), within(PolicyTrialRow.community_id, scope))
        with self._database.read() as tx:
            row = tx.execute(
                select(PolicyTrialRow)
                .where(*mine)
                .order_by(PolicyTrialRow.began_at.desc(), PolicyTrialRow.id.desc())
                .limit(1)
            ).one_or_none()
        return row and self._trial(row)

    def cancel(self, trial_id: str, scope: Scope, *, who: str) -> None:
        """Asks a run to stop; what it found so far stays. Raises NotFound."""
        trial = self.get(trial_id, scope)
        with self._database.write() as tx:
            tx.execute(update(PolicyTrialRow).where(PolicyTrialRow.id == trial_id).values(cancel=True))
            self._audit.note(tx, who, "policy.try-cancel", trial.policy, "", trial.community)

    def changes(
        self,
        trial_id: str,
        scope: Scope,
        *,
        gate: str = "",
        hour: datetime | None = None,
        page: int = 1,
        size: int = 50,
    ) -> Page[Change]:
        """Passages whose verdict changes, newest first, of one gate and hour or of all. Raises NotFound."""
        trial = self.get(trial_id, scope)
        conditions = [PolicyChangeRow.trial_id == trial.id]
        conditions += [has_id(PolicyChangeRow.gate_id, gate)] if gate else []
        conditions += [PolicyChangeRow.at >= hour, PolicyChangeRow.at < hour + HOUR] if hour else []
        wanted = (
            select(PolicyChangeRow).where(*conditions).order_by(PolicyChangeRow.at.desc(), PolicyChangeRow.event_id)
        )
        with self._database.read() as tx:
            total = tx.scalar(select(func.count()).select_from(PolicyChangeRow).where(*conditions)) or 0
            found = tx.execute(wanted.limit(size).offset((max(page, 1) - 1) * size)).all()
        return Page(tuple(_change(row) for row in found), total, max(page, 1), size)

    def change(self, trial_id: str, event_id: str, scope: Scope) -> Change:
        """One passage with the reasons on record and those the tried version gives. Raises NotFound."""
        trial = self.get(trial_id, scope)
        found = self._past.one(trial.community, event_id)
        if found is None or found[0].facts is None:
            raise NotFound(f"no passage {event_id} with its facts")
        passage, before = found
        decision = judge(passage.facts or {}, policy.parse(dict(trial.document)))
        after = tuple(reason(because) for because in decision.reasons)
        return Change(event_id, passage.gate, passage.at, passage.verdict, decision.verdict, before, after)

    def run(self, trial_id: str) -> None:
        """Judges every passage of the run's days; returns when it is done, cancelled, or the office closes."""
        with self._database.read() as tx:
            row = tx.execute(select(PolicyTrialRow).where(PolicyTrialRow.id == trial_id)).one()
        rules, outcome = policy.parse(msgspec.json.decode(row.document)), Outcome()
        told = time.monotonic()
        for passage in self._past.passages(row.community_id, row.since, row.until):
            outcome.add(passage, rules)
            if time.monotonic() - told >= BEAT_S:
                if self._tell(trial_id, outcome, RUNNING) or self._closing.is_set():
                    self._tell(trial_id, outcome, CANCELLED)
                    return
                told = time.monotonic()
        self._tell(trial_id, outcome, DONE)

    def close(self) -> None:
        """Stops the runs of this process and waits for them."""
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _run_safely(self, trial_id: str) -> None:
        """A run's faults end it, and nothing else."""
        try:
            self.run(trial_id)
        except Exception:
            log.exception("policy trial failed", trial=trial_id)
            with self._database.write() as tx:
                tx.execute(update(PolicyTrialRow).where(PolicyTrialRow.id == trial_id).values(state=FAILED))

    def _new(self, tx: Connection, version: Version, document: str, days: int, who: str) -> str:
        """A new run; older ones of the version give way to it."""
        mine, community = PolicyTrialRow.policy_id == version.id, version.community
        old = select(PolicyTrialRow.id).where(mine, PolicyTrialRow.state != RUNNING)
        tx.execute(delete(PolicyChangeRow).where(PolicyChangeRow.trial_id.in_(old)))
        tx.execute(delete(PolicyTrialRow).where(mine, PolicyTrialRow.state != RUNNING))
        tx.execute(update(PolicyTrialRow).where(mine, PolicyTrialRow.state == RUNNING).values(cancel=True))
        now = self._now()
        since, until = week(now, days)
        made: dict[str, Any] = {"id": str(uuid7()), "policy_id": version.id, "community_id": community}
        made |= {"document": document, "state": RUNNING, "since": since, "until": until}
        made |= {"began_at": now, "began_by": who, "beat_at": now, "total": self._past.count(community, since, until)}
        tx.execute(insert(PolicyTrialRow).values(**made))
        return str(made["id"])

    def _going(self, tx: Connection, version_id: str) -> Any:
        wanted = select(PolicyTrialRow).where(
            PolicyTrialRow.policy_id == version_id,
            PolicyTrialRow.state == RUNNING,
            PolicyTrialRow.cancel.is_(False),
            PolicyTrialRow.beat_at > self._now() - SILENT,
        )
        return tx.execute(wanted.order_by(PolicyTrialRow.began_at.desc()).limit(1)).one_or_none()

    def _tell(self, trial_id: str, outcome: Outcome, state: str) -> bool:
        """Writes down how far the run is; whether it should stop."""
        told = {
            "seen": outcome.seen,
            "gone": outcome.gone,
            "changed": outcome.count,
            "tally": msgspec.json.encode(spelt(outcome.tally)).decode(),
            "state": state,
            "beat_at": self._now(),
        }
        with self._database.write() as tx:
            found = [
                {
                    "trial_id": trial_id,
                    "event_id": one.event,
                    "gate_id": one.gate,
                    "at": one.at,
                    "old": one.verdict,
                    "new": new,
                }
                for one, new in outcome.take()
            ]
            if found:
                tx.execute(insert_once(tx, PolicyChangeRow), found)
            tx.execute(update(PolicyTrialRow).where(PolicyTrialRow.id == trial_id).values(**told))
            return bool(tx.scalar(select(PolicyTrialRow.cancel).where(PolicyTrialRow.id == trial_id)))

    def _trial(self, row: Any) -> Trial:
        silent = row.state == RUNNING and row.beat_at <= self._now() - SILENT
        plain = ("id", "since", "until", "began_at", "began_by", "total", "seen", "gone", "changed")
        return Trial(
            policy=row.policy_id,
            community=row.community_id,
            document=msgspec.json.decode(row.document),
            state=FAILED if silent else row.state,
            tally=tuple(_tally(one) for one in msgspec.json.decode(row.tally)),
            **{name: getattr(row, name) for name in plain},
        )


def _tally(one: dict[str, Any]) -> Tally:
    return Tally(one["gate"], from_iso(one["hour"]), Verdict(one["old"]), Verdict(one["new"]), one["count"])


def _change(row: Any) -> Change:
    return Change(row.event_id, row.gate_id, row.at, Verdict(row.old), Verdict(row.new))
