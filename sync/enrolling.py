"""Enrolment at the gate itself: a code that its camera, its scanner or somebody's hands bring, until the office has
answered.

The code stays in memory only. While no office can be reached the gate tries again by itself; what the office refuses
waits for another code.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from kiosk import logs
from kiosk.codes import enrolment as codes
from kiosk.codes.enrolment import EnrolmentCode
from kiosk.errors import GatehouseError
from kiosk.identity import Identity
from kiosk.model import Saying
from sync.enrolment import enroll

log = structlog.get_logger(__name__)

OPEN_S = 600.0  # how long "enrol anew" waits for a code
NOTICE_S = 8.0  # how long a lane says what it was shown
FIRST_RETRY_S, LONGEST_RETRY_S = 2.0, 30.0
PASSING = frozenset({"unreachable", "broken", "busy", "unavailable", "internal"})  # another try may help

TAKEN = Saying("已读到街道办的注册码，正在接入", "The office's code was read; enrolling")
NOT_NOW = Saying(
    "这是街道办的门岗注册码，不是健康码。本门岗已接入，未作任何更改",
    "This is the office's enrolment code, not a health code. This gate is enrolled already; nothing was changed",
)
NOT_WHOLE = Saying("注册码不完整或已损坏，请重新扫描", "The enrolment code is damaged or not whole: scan it again")
NO_CODE = Saying(
    "这不是街道办的注册码，请对准街道办电脑上显示的码",
    "This is not an enrolment code: hold up the one that the office's computer shows",
)
_TROUBLES = {
    "unknown": Saying(
        "街道办不认识这个注册码，请核对或换一个新的",
        "The office does not know this code: check it, or ask for a new one",
    ),
    "used": Saying("注册码已被用过，请街道办换一个新的", "This code was used already: ask the office for a new one"),
    "expired": Saying("注册码已过期，请街道办换一个新的", "This code has expired: ask the office for a new one"),
    "token": Saying("街道办不接受这个注册码，请换一个新的", "The office does not take this code: ask for a new one"),
    "wrong-office": Saying(
        "应答的不是发码的街道办，可能有人冒充。未作任何更改，请联系街道办",
        "Whoever answered is not the office that gave out the code. Nothing was changed: call the office",
    ),
    "unreachable": Saying("连不上街道办，自动重试中", "The office cannot be reached; trying again by itself"),
    "broken": Saying("与街道办的连接中断，自动重试中", "The line to the office broke off; trying again by itself"),
    "busy": Saying("街道办繁忙，稍后自动重试", "The office is busy; trying again by itself"),
    "unavailable": Saying("街道办暂不可用，自动重试中", "The office cannot answer just now; trying again by itself"),
    "internal": Saying("街道办系统出错，自动重试中", "The office has a fault; trying again by itself"),
    "tls": Saying("街道办的证书不可信，未接入", "The office's certificate is not accepted; not enrolled"),
    "rubbish": Saying("该地址应答的不是街道办系统，请核对地址", "What answers there is no office: check the address"),
    "upgrade": Saying("本门岗软件版本过旧，需要升级", "This gate's software is too old: it needs an update"),
}
_OTHER = Saying("未能接入，详情见日志", "Not enrolled; the log has the details")
_ADDRESS = Saying(
    "注册码里的地址不能用：除本机外必须是 https",
    "The code's address cannot be used: it must be https, except on this machine",
)


class Stage(StrEnum):
    CLOSED = "closed"  # enrolled: a code changes nothing
    WAITING = "waiting"  # for a code
    TRYING = "trying"
    DONE = "done"  # enrolled just now; the gate begins anew


@dataclass(frozen=True, slots=True)
class Progress:
    """How enrolment stands. `office` is the address being called; `trouble` what came of the last try."""

    stage: Stage
    trouble: Saying | None = None
    office: str = ""
    tries: int = 0


class Enrolling:
    """Takes enrolment codes while the gate is not enrolled, or for a while once somebody opened it. Thread-safe.

    `finished` is called from a thread of its own once the gate is enrolled; `changed` after each change of `progress`.
    """

    def __init__(
        self,
        var: Path,
        name: str,
        identity: Identity | None,
        *,
        finished: Callable[[], None],
        changed: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.again = identity is not None
        self._var = var
        self._name = name
        self._finished = finished
        self._changed = changed
        self._monotonic = monotonic
        self._progress = Progress(Stage.CLOSED if self.again else Stage.WAITING)
        self._open_until_s = float("-inf") if self.again else float("inf")
        self._notices: dict[str, tuple[Saying, float, int]] = {}
        self._lock = threading.Lock()
        self._calling = threading.Lock()
        self._round = 0  # a newer code ends the tries of the one before
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Nothing runs before there is a code."""

    def stop(self) -> None:
        """Give up what is being tried."""
        with self._lock:
            self._round += 1
            threads = list(self._threads)
        self._stopping.set()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(timeout=5)

    @property
    def progress(self) -> Progress:
        with self._lock:
            if self._progress.stage is Stage.WAITING and self._monotonic() >= self._open_until_s:
                self._progress = Progress(Stage.CLOSED)
            return self._progress

    def open_anew(self) -> None:
        """Take a code for a while although the gate is enrolled."""
        with self._lock:
            if self._progress.stage in (Stage.CLOSED, Stage.WAITING):
                self._open_until_s = self._monotonic() + OPEN_S
                self._progress = Progress(Stage.WAITING)
        self._changed()

    def close_again(self) -> None:
        """Take no code any more and stop trying; a gate that is not enrolled goes on waiting for one."""
        with self._lock:
            if self._progress.stage is Stage.DONE:
                return
            self._round += 1
            self._open_until_s = self._monotonic() if self.again else float("inf")
            self._progress = Progress(Stage.CLOSED if self.again else Stage.WAITING)
        self._changed()

    def takes(self, text: str) -> bool:
        """Whether `text` is for here and not for the checkpoint."""
        return codes.is_one(text)

    def shown(self, lane: str, text: str) -> Saying:
        """A lane was shown an enrolment code; what to say of that, there too."""
        saying = self.offer_text(text)
        with self._lock:
            _, _, times = self._notices.get(lane, (saying, 0.0, 0))
            self._notices[lane] = (saying, self._monotonic() + NOTICE_S, times + 1)
        self._changed()
        return saying

    def notice(self, lane: str) -> tuple[Saying, int] | None:
        """What the lane says just now of a code it was shown, and how many it was shown."""
        with self._lock:
            saying, until_s, times = self._notices.get(lane, (NO_CODE, 0.0, 0))
            return (saying, times) if self._monotonic() < until_s else None

    def offer_text(self, text: str) -> Saying:
        """Enrol with the code in `text`, if one is wanted here; what to say of that."""
        if self.progress.stage in (Stage.CLOSED, Stage.DONE):
            return NOT_NOW
        if not codes.is_one(text):
            return self._refuse(NO_CODE)
        try:
            code = codes.parse(text)
        except ValueError:
            return self._refuse(NOT_WHOLE)
        return self.offer(code)

    def offer(self, code: EnrolmentCode) -> Saying:
        """Enrol with `code`, in a thread of its own; what to say of that. It takes the place of one being tried."""
        if self.progress.stage in (Stage.CLOSED, Stage.DONE):
            return NOT_NOW
        with self._lock:
            self._round += 1
            self._progress = Progress(Stage.TRYING, office=code.url)
            thread = threading.Thread(target=self._run, args=(code, self._round), name="enrolling", daemon=True)
            self._threads = [*(each for each in self._threads if each.is_alive()), thread]
        self._changed()
        thread.start()
        return TAKEN

    def _refuse(self, why: Saying) -> Saying:
        with self._lock:
            if self._progress.stage is Stage.WAITING:
                self._progress = Progress(Stage.WAITING, why)
        self._changed()
        return why

    def _run(self, code: EnrolmentCode, turn: int) -> None:
        tries, pause_s = 0, FIRST_RETRY_S
        while self._current(turn):
            tries += 1
            try:
                with self._calling:
                    if not self._current(turn):
                        return
                    enroll(code.url, code.token, self._var, self._name, again=self.again, fingerprint=code.fingerprint)
            except GatehouseError as error:
                if not self._failed(error, code, turn, tries):
                    return
                self._stopping.wait(max(pause_s, getattr(error, "retry_after_s", None) or 0.0))
                pause_s = min(2 * pause_s, LONGEST_RETRY_S)
            except Exception as error:  # whatever it is, the next code must find this gate waiting
                log.error("enrolling", fault=logs.origin(error))
                self._tell(turn, Progress(Stage.WAITING, _OTHER))
                return
            else:
                self._tell(turn, Progress(Stage.DONE, office=code.url, tries=tries))
                self._finished()
                return

    def _failed(self, error: GatehouseError, code: EnrolmentCode, turn: int, tries: int) -> bool:
        """Whether another try may help."""
        word = getattr(error, "word", "address" if getattr(error, "permanent", False) else "")
        log.warning("enrolling", tries=tries, word=word)
        trouble = _ADDRESS if word == "address" else _TROUBLES.get(word, _OTHER)
        if word in PASSING:
            self._tell(turn, Progress(Stage.TRYING, trouble, code.url, tries))
            return True
        self._tell(turn, Progress(Stage.WAITING, trouble))
        return False

    def _current(self, turn: int) -> bool:
        with self._lock:
            return turn == self._round and not self._stopping.is_set()

    def _tell(self, turn: int, progress: Progress) -> None:
        with self._lock:
            if turn != self._round and progress.stage is not Stage.DONE:
                return
            self._progress = progress
            if progress.stage is Stage.DONE:
                self._round += 1  # whatever else is being tried is not tried again
        self._changed()
