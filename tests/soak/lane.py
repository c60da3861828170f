"""A volunteer at the console who presents one person after the other, and how long each verdict took on the screen."""

from __future__ import annotations

import itertools
import re
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import requests

from tests.soak.ends import PIN

PAUSE_S = 0.1  # between two acts: nobody steps up faster
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
_VISIT = re.compile(r'data-visit=\\?"([0-9a-f-]{36})')


@dataclass
class Lane:
    """Works until `stop`. `scans_s` are the times from a code to what the screen asks next, `verdicts_s` those from the
    reading to the verdict on the screen, recorded for good by then."""

    url: str
    scans_s: list[float] = field(default_factory=list)
    verdicts_s: list[float] = field(default_factory=list)
    fault: Exception | None = None
    _session: requests.Session = field(default_factory=requests.Session)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> Self:
        form = {"pin": PIN, "csrf_token": self._token("/sign-on")}
        self._session.post(f"{self.url}/sign-on", data=form, timeout=30).raise_for_status()
        self._session.headers.update({"X-CSRFToken": self._token("/"), "Accept": "application/json"})
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Raises whatever went wrong at the console."""
        self._stopping.set()
        self._thread.join()
        self._session.close()
        if self.fault:
            raise self.fault

    def begin_anew(self) -> tuple[list[float], list[float]]:
        """The times so far; from now on others are taken."""
        so_far = self.scans_s, self.verdicts_s
        self.scans_s, self.verdicts_s = [], []
        return so_far

    def _work(self) -> None:
        try:
            for number in itertools.count():
                if self._stopping.is_set():
                    return
                self._visit(number)
        except Exception as error:  # told to whoever stops it
            self.fault = error

    def _visit(self, number: int) -> None:
        shown = self._timed(self.scans_s, "scan", {"text": f"GL1:green:张{number}", "ticket": str(uuid.uuid4())})
        found = _VISIT.search(shown)
        if found is None:
            raise AssertionError(f"no visit on the screen: {shown[:500]}")
        reading = {"celsius": "36.5", "grade": "clinical"}
        shown = self._timed(self.verdicts_s, f"visits/{found[1]}/reading", reading)
        if 'data-card=\\"outcome' not in shown:
            raise AssertionError(f"no verdict on the screen: {shown[:500]}")

    def _timed(self, times_s: list[float], what: str, body: dict[str, Any]) -> str:
        begun = time.perf_counter()
        answer = self._session.post(f"{self.url}/lanes/1/{what}", json=body, timeout=30)
        times_s.append(time.perf_counter() - begun)
        answer.raise_for_status()
        self._stopping.wait(PAUSE_S)
        return answer.text

    def _token(self, page: str) -> str:
        found = _TOKEN.search(self._session.get(self.url + page, timeout=30).text)
        if found is None:
            raise AssertionError(f"{page} has no token")
        return found[1]


def watched(lane: Lane, count: int, waiting: Callable[[float], object] = time.sleep) -> None:
    """Returns once so many verdicts more were given, or the lane broke off."""
    wanted = len(lane.verdicts_s) + count
    while len(lane.verdicts_s) < wanted and lane.fault is None:
        waiting(0.05)
