"""Somebody wants the gate to call now: at the console, or from a command. What became of it is kept for them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kiosk.model import Saying, iso
from sync.schedule.task import Task
from sync.trouble import saying


@dataclass(slots=True)
class Wish:
    """Answered by the first push and the first pull that begin after it. A second wish before that is the same one."""

    at: datetime
    turns: dict[str, int]  # the number of the call that answers it, for each task
    sent_before: int
    sent: int = 0
    ended_at: datetime | None = None
    trouble: Saying | None = None

    @classmethod
    def for_next(cls, tasks: tuple[Task, ...], now: datetime, sent: int) -> Wish:
        return cls(now, {task.call: task.begun + 1 for task in tasks}, sent)

    def fits(self, tasks: tuple[Task, ...]) -> bool:
        """Whether nothing of it has begun: then whoever wishes the same need not be told apart."""
        return self.ended_at is None and all(task.begun < self.turns[task.call] for task in tasks)

    def settle(self, tasks: tuple[Task, ...], now: datetime, sent: int) -> None:
        """Look whether it was answered. A push that is halted answers by why."""
        self.sent = sent - self.sent_before
        if self.ended_at is None and all(task.halted or task.ended >= self.turns[task.call] for task in tasks):
            self.ended_at = now
            self.trouble = next((saying(task.trouble) for task in tasks if task.trouble), None)

    def told(self, tasks: tuple[Task, ...], now: datetime, waiting: int) -> dict[str, Any]:
        """`state` is running, later (the office asked to be left alone until `until`), done or failed."""
        wait_s = max(task.not_before_s for task in tasks) - time.monotonic()
        told: dict[str, Any] = {"at": iso(self.at), "sent": self.sent, "waiting": waiting, "until": None}
        told |= {"zh": self.trouble and self.trouble.zh, "en": self.trouble and self.trouble.en}
        if self.ended_at is not None:
            return told | {"state": "failed" if self.trouble else "done", "ended_at": iso(self.ended_at)}
        later = wait_s > 0 and not any(task.busy for task in tasks)
        until = iso(now + timedelta(seconds=wait_s)) if later else None
        return told | {"state": "later" if later else "running", "until": until, "ended_at": None}
