"""One life of a gate that somebody will kill: people step up on two lanes without end, and every visit that a screen
was shown is told."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from kiosk import logs, service
from kiosk.config import load
from kiosk.equipment import utc_now
from kiosk.hub import Subscription
from kiosk.model import Holder, Method, Presentation, Reading
from kiosk.service import GateService

QUIET_S = 30.0  # a gate at work that shows nothing for so long has failed
TEXTS = ("GL1:green:张三丰", "GL1:yellow:李四", "GL1:red:王五", "")
WARMEST = 20  # tenths above 36 °C: some have a fever, whose alert wakes the uplink


def live(config: Path, told: Connection) -> None:
    """The real gate with everything that runs in it, until SIGKILL. Sends the id of each visit it announced."""
    logs.configure(logging.WARNING)
    gate = service.build(load(config))
    with gate.hub.subscribe() as screen:
        gate.start()
        for lane in gate.lanes:
            threading.Thread(target=_keep_busy, args=(gate, lane.name), daemon=True).start()
        for visit in _announced(screen):
            told.send_bytes(visit.encode())


def _keep_busy(gate: GateService, lane: str) -> None:
    for number in itertools.count():
        shown = gate.checkpoint.present(lane, _person(number)).visit
        assert shown is not None
        if number % 7 == 6:
            gate.checkpoint.cancel(lane, shown.id, "left")
        else:
            celsius = 36.0 + number % WARMEST / 10
            reading = Reading(celsius, utc_now(), "keypad", grade="clinical")  # nobody has to rest
            gate.checkpoint.measure(lane, reading, shown.id)


def _person(number: int) -> Presentation:
    text = TEXTS[number % len(TEXTS)]
    typed = Holder(name="赵六", phone=f"138{number:08d}") if not text else Holder()
    return Presentation(Method.SCANNER if text else Method.HAND, utc_now(), text, person=typed)


def _announced(screen: Subscription) -> Iterator[str]:
    """The visits whose outcome a screen was shown, each once."""
    newest: dict[str, str] = {}
    while update := screen.get(QUIET_S):
        topic, data = update
        if topic == "lane" and (last := data["last"]) and newest.get(data["lane"]) != last["visit"]:
            newest[data["lane"]] = last["visit"]
            yield last["visit"]
