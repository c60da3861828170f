"""Real processes of Gatehouse, each on a core of its own if wished, and what memory they ever took."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
LOOK_EVERY_S = 0.5

_FIGURE = re.compile(r"^(VmHWM|Rss|Pss):\s+(\d+) kB", re.MULTILINE)


@dataclass(slots=True)
class Memory:
    """The most that the processes of one end took, in MB.

    `whole` is all of them at one moment, each with everything it maps (RSS), so that what they share counts for each:
    no less than they take, by any definition. `shared_once` divides shared pages among those that map them (PSS);
    `largest` is the largest process alone, at its worst moment (VmHWM).
    """

    whole: float = 0.0
    shared_once: float = 0.0
    largest: float = 0.0
    processes: int = 0

    def look(self, pid: int) -> None:
        """Measure a process and all that it started."""
        family = tuple(_family(pid))
        figures = [_figures(one, "smaps_rollup") for one in family]
        self.whole = max(self.whole, sum(one["Rss"] for one in figures))
        self.shared_once = max(self.shared_once, sum(one["Pss"] for one in figures))
        self.largest = max(self.largest, *(_figures(one, "status")["VmHWM"] for one in family))
        self.processes = max(self.processes, len(family))

    def told(self) -> str:
        return (
            f"{self.whole:.0f} MB in {self.processes} processes (with what they share counted once"
            f" {self.shared_once:.0f}, the largest at its worst {self.largest:.0f})"
        )


@dataclass
class Server:
    """`python -m …` in a process of its own, until `stop`."""

    words: Sequence[str]
    answers: str  # a URL that it answers once it is ready
    log: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    core: int | None = None
    memory: Memory = field(default_factory=Memory)
    _process: subprocess.Popen[bytes] | None = None
    _looking: threading.Thread | None = None

    def start(self) -> Self:
        """Returns once it answers; at once when it runs already. Raises RuntimeError with its log when it does not."""
        if self._process is not None:
            return self
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GATEHOUSE_")}
        with self.log.open("ab") as log, pinned(self.core):
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self.words],
                cwd=ROOT,
                env={**clean, **self.environ},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(lambda: self._alive() and _answers(self.answers), lambda: f"no answer:\n{self._logged()}")
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()
        return self

    def stop(self) -> None:
        """As Ctrl-C does; harmless when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)

    def libraries(self) -> tuple[set[str], ...]:
        """The names of the native modules that each process has loaded; the first one watches over the others."""
        assert self._process is not None
        return tuple(_libraries(pid) for pid in _family(self._process.pid))

    def _alive(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"{' '.join(self.words)} ended with {self._process.returncode}:\n{self._logged()}")
        return True

    def _look(self) -> None:
        while (process := self._process) is not None and process.poll() is None:
            with suppress(OSError, KeyError):  # a process may end while it is looked at
                self.memory.look(process.pid)
            time.sleep(LOOK_EVERY_S)

    def _logged(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]


@contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """What is started inside runs on this core alone, as under `taskset -c`."""
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def two_cores() -> tuple[int | None, int | None]:
    """One core for each end; none of its own where the machine has no two."""
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[-1]) if len(cores) > 1 else (None, None)


def until(done: Callable[[], object], otherwise: Callable[[], str], patience_s: float = PATIENCE_S) -> None:
    """Returns once `done()` is true. Raises RuntimeError when it is not in time."""
    deadline = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise())
        time.sleep(0.05)


def load() -> str:
    """How busy the machine is beside: its load average of one minute."""
    return f"{os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores"


def _family(pid: int) -> Iterator[int]:
    """A process and its descendants. Raises OSError when it is gone."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _figures(pid: int, file: str) -> dict[str, float]:
    """The figures of a file of /proc that are looked for, in MB."""
    found = _FIGURE.findall(Path(f"/proc/{pid}/{file}").read_text())
    return {name: int(kb) / 1024 for name, kb in found}


def _libraries(pid: int) -> set[str]:
    mapped = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {Path(line.split()[-1]).name.partition(".")[0] for line in mapped if ".so" in line}


def _answers(url: str) -> bool:
    try:
        urlopen(url, timeout=2).close()
    except (HTTPError, URLError, OSError):
        return False
    return True
