"""重点人员: whom the office told the gate to watch for, why, until when, and who answers for them (rows O1, C3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kiosk.lists import section
from kiosk.model import Saying

CATEGORIES = {
    "close-contact": Saying("密切接触者", "close contact"),
    "observation": Saying("居家医学观察", "under medical observation at home"),
    "released": Saying("观察已解除", "released from observation"),
    "denied": Saying("禁止进入", "not to be let in"),
    "region": Saying("来自风险地区", "from a risk region"),
    "abroad": Saying("境外返回", "back from abroad"),
    "cold-chain": Saying("冷链从业", "works in the cold chain"),
    "border": Saying("边境返乡", "back from the border"),
    "copied-code": Saying("同一个码多处使用", "the same code used at several gates"),
    "other": Saying("其他重点人员", "another reason"),
}


@dataclass(frozen=True, slots=True)
class WatchEntry:
    """One entry. `why` is one of CATEGORIES (an office may add its own); `worker` is the grid worker in charge."""

    token: str
    why: str
    id: str = ""
    name: str = ""  # masked
    begins: datetime | None = None
    ends: datetime | None = None
    worker: str = ""
    worker_phone: str = ""
    do: Saying | None = None

    def runs(self, now: datetime) -> bool:
        return section.runs(self.begins, self.ends, now)


class WatchList:
    """The `watch` section: `{"entries": [{token, why, id, name, from, until, worker, worker_phone, do: {zh, en}}]}`.

    Instead of `token` an entry may have `tokens`: a person with several identities.
    """

    def __init__(self, entries: Iterable[WatchEntry] = ()) -> None:
        self._entries: dict[str, tuple[WatchEntry, ...]] = {}
        for entry in entries:
            self._entries[entry.token] = (*self._entries.get(entry.token, ()), entry)

    @classmethod
    def from_section(cls, content: bytes) -> WatchList:
        """Raises HandDownError."""
        return cls(entry for entries in section.entries(content, "watch", "entries", _entries) for entry in entries)

    def find(self, tokens: Iterable[str], now: datetime) -> tuple[WatchEntry, ...]:
        """The entries in force for any of a person's tokens, each once."""
        found = (entry for token in tokens for entry in self._entries.get(token, ()) if entry.runs(now))
        return tuple({(entry.id or entry.token, entry.why): entry for entry in found}.values())

    def all(self) -> tuple[WatchEntry, ...]:
        return tuple(entry for entries in self._entries.values() for entry in entries)

    def __len__(self) -> int:
        return sum(len(entries) for entries in self._entries.values())


def _entries(said: Mapping[str, Any]) -> tuple[WatchEntry, ...]:
    """One for each of the person's tokens."""
    entry = _entry(said)
    if "tokens" not in said:
        return (entry,)
    return tuple(replace(entry, token=token) for token in section.texts(said, "tokens"))


def _entry(said: Mapping[str, Any]) -> WatchEntry:
    return WatchEntry(
        token=section.text(said, "token", needed="tokens" not in said),
        why=section.text(said, "why") or "other",
        id=section.text(said, "id"),
        name=section.text(said, "name"),
        begins=section.time(said, "from"),
        ends=section.time(said, "until"),
        worker=section.text(said, "worker"),
        worker_phone=section.text(said, "worker_phone"),
        do=section.saying(said, "do"),
    )
