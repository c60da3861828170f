"""What a gate does on the line: push its events, pull the hand-down, say how it is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import __version__, signet
from kiosk.calling.urgent import DAY_CLOSE, Urgent
from kiosk.config import Sync
from kiosk.errors import GatehouseError
from kiosk.handdown import HandDown
from kiosk.identity import Identity
from kiosk.journal import Journal
from kiosk.keyring import KeyRing
from kiosk.model import iso
from sync import line, protocol, rollover
from sync.clock import OfficeClock
from sync.fetching import Fetcher
from sync.line import Credential, Line, LineError
from sync.push import Progress, Pusher, PushResult
from sync.traffic import Traffic

log = structlog.get_logger(__name__)

SOFTWARE = f"gatehouse/{__version__}"
BULK = "revoked-"  # the sections whose names begin so may be large
LOOKED_THROUGH = 200  # events, for an urgent one that waits


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a heartbeat says beside the journal's own numbers. `again_s` is None where no next one is sure to come."""

    camera: str = "none"
    thermometer: str = "none"
    disk_free_mb: int | None = None
    again_s: int | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for the office, over all journals of the file. `synced_at` is of the last verified receipt."""

    waiting: int
    synced_at: datetime | None
    oldest_at: datetime | None


class Uplink:
    """One gate's dealings with its office. Every call raises SyncError (or HandDownError) and then has lost nothing.

    With `keeps` off nothing is written into the journal, so that a command may push beside a gate that runs. `keys`
    holds `sign_key` where it may be replaced.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        handdown: HandDown,
        identity: Identity,
        sign_key: Ed25519PrivateKey,
        settings: Sync,
        now: Callable[[], datetime],
        keeps: bool = True,
        keys: KeyRing | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        self.office_url = identity.office_url
        self._identity = identity
        self.handdown = handdown
        self.held_back = False  # something large was published that was not fetched yet
        self.traffic = traffic or Traffic()
        self._journal = journal
        self._clock = OfficeClock(now, journal.offset_ms, self._keep_offset if keeps else lambda _: None)
        self._keys = keys or KeyRing(sign_key)
        self._line = Line(identity.office_url, settings.timeout_s, Credential(identity.gate, self._keys, self._clock))
        self._line.saw = self.traffic.saw
        self._fetcher = Fetcher(self._line)
        self._pusher = Pusher(journal, self._line, identity, self._clock, settings.batch, keeps=keeps)
        self._pushing = threading.Lock()
        self._etag: str | None = None

    def close(self) -> None:
        self._line.close()
        self.traffic.save()

    def push(self, progress: Progress = lambda *_: None) -> PushResult:
        """Send what the office lacks, and believe only its signed receipts.

        With nothing to send it still asks how far the office has come. Raises SyncError, `permanent` when sending the
        same again cannot help.
        """
        with self._pushing:
            return self._pusher.push(progress)

    def pull(self, *, bulk: bool = True) -> bool:
        """Fetch and put in force what the office hands down; whether that changed anything.

        Without `bulk` a bundle whose large lists changed is left for later, whole as it is.

        Raises SyncError, or HandDownError when what came is not what the office vouched for.
        """
        answer = self._line.get(protocol.BUNDLE, etag=self._etag)
        if answer.status != 200:
            return False
        manifest = self._manifest(answer)
        before = self.handdown.bundle.version
        missing = self.handdown.missing(manifest)
        self.held_back = not bulk and any(name.startswith(BULK) for name, _ in missing)
        if self.held_back:
            return False
        self._fetcher.keep_only(sha256 for _, sha256 in missing)
        self.handdown.swap(manifest, {sha256: self._fetcher.fetch(name, sha256) for name, sha256 in missing})
        self._etag = answer.headers.get("ETag")
        return self.handdown.bundle.version != before

    def beat(self, vitals: Vitals | None = None) -> protocol.Beat:
        """Say how the gate is; hear the office's time and what it has published. Raises SyncError."""
        sent_at = self._clock.gate_now()
        answer = self._line.post(protocol.HEARTBEAT, self._heartbeat(vitals or Vitals()))
        beat = line.read(protocol.Beat, answer, self.office_url)
        self._line.hear(self._clock, beat.time, sent_at)
        if rollover.wanted(beat, self._keys, self._identity):
            self._renew_key()
        return beat

    def roll_over(self) -> None:
        """Replace the gate's key by a new one. Raises SyncError; the gate can call with one or the other then."""
        rollover.roll_over(self._line, self._keys, self._identity)

    def _renew_key(self) -> None:
        """The office's wish stands until it is fulfilled: one that fails is tried again with the next heartbeat."""
        try:
            self.roll_over()
        except GatehouseError as error:
            log.warning("rollover", trouble=str(error))

    def must_wipe(self, beat: protocol.Beat) -> bool:
        """Whether the office has this gate wipe itself: signed by it, for just this journal as it stands, all of it
        delivered. Anything recorded since makes the order void; the next heartbeat brings a new one."""
        if not beat.wipe or self.queue().waiting:
            return False
        gate, seq = self._identity.gate, self._journal.head().seq
        statement = protocol.wipe_statement(gate, self._journal.id, seq, beat.time)
        return signet.fits(self._identity.office_key, statement, beat.wipe)

    def queue(self) -> Queue:
        """What waits just now. Raises JournalError."""
        boxes = [self._journal.outbox(name) for name in self._journal.journals()]
        return Queue(
            waiting=sum(box.waiting for box in boxes),
            synced_at=max((box.synced_at for box in boxes if box.synced_at), default=None),
            oldest_at=min((box.oldest_at for box in boxes if box.oldest_at), default=None),
        )

    def urgent_waits(self, urgent: Urgent) -> bool:
        """Whether something urgent, or a day's report, waits among the newest of their kinds. Raises JournalError."""
        through = self._journal.outbox().through
        newest = self._journal.recent(LOOKED_THROUGH, (*urgent.kinds, DAY_CLOSE))
        waiting = [event for event in newest if event.journal == self._journal.id and event.seq > through]
        return urgent.any(waiting) or any(event.kind == DAY_CLOSE for event in waiting)

    def _manifest(self, answer: line.Answer) -> Any:
        """As it was sent, with fields that this version does not know: the signature covers them too."""
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise LineError("rubbish", f"{self.office_url}: a manifest that is not JSON") from error

    def _heartbeat(self, vitals: Vitals) -> protocol.Heartbeat:
        now, queue = self._clock.gate_now(), self.queue()
        return protocol.Heartbeat(
            journal=self._journal.id,
            seq=self._journal.head().seq,
            waiting=queue.waiting,
            software=SOFTWARE,
            time=iso(now),
            bundle=self.handdown.bundle.version,
            disk_free_mb=vitals.disk_free_mb,
            camera=vitals.camera,
            thermometer=vitals.thermometer,
            queue_oldest_s=max(0, int((now - queue.oldest_at).total_seconds())) if queue.oldest_at else None,
            again_s=vitals.again_s,
        )

    def _keep_offset(self, offset_ms: int) -> None:
        self._journal.offset_ms = offset_ms
