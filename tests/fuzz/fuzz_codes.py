"""`codes.read` for every scheme, with keys and provinces: an answer with a reason, in time, whatever the bytes.

The first byte says what the others are: a text as it is scanned, or the content that a trusted issuer signs. Signed
here, it gets past the signature to the parts that no mutated symbol ever reaches.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

from kiosk import codes
from kiosk.codes.context import ReadContext
from kiosk.codes.parts import MAX_PARTS, Collector
from kiosk.codes.provincial import shipped
from kiosk.model import HealthCode, Level, Reason, Verification
from kiosk.provinces.stand_in import printed
from tests.fuzz import forge

LIMIT_S = 0.05
AGAIN = 7  # times a slow one is read again: machines pause
CONTEXT = forge.context()
PROVINCE = shipped("test-province")
ANSWERED = printed("green")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _of_parts(data: bytes) -> str:
    """Lines as they are collected on a lane; the card they make, or the last one alone."""
    collector, text = Collector(), ""
    for line in _text(data).split("\n")[: MAX_PARTS + 3]:
        text = line
        try:
            text = collector.add(line, forge.NOON).text or text
        except ValueError:
            continue
    return text


WAYS: Mapping[bytes, Callable[[bytes], str]] = {
    b"t": _text,
    b"p": forge.office,
    b"d": forge.europe,
    b"m": forge.europe_message,
    b"z": forge.europe_packed,
    b"n": forge.zealand,
    b"s": forge.card,
    b"j": forge.card_packed,
    b"c": _of_parts,
}
ANSWER = b"a"  # a province's server said this


class Slow(AssertionError):
    """An answer took longer than anybody at a gate waits."""


def check(data: bytes) -> HealthCode | None:
    """Read what `data` says; None when it cannot be made into a text. Raises AssertionError for a wrong answer."""
    kind, rest = data[:1], data[1:]
    if kind == ANSWER:
        return _timed(lambda _: PROVINCE.answered(ANSWERED, 200, rest, forge.NOON), "")
    try:
        text = WAYS.get(kind, _text)(rest)
    except ValueError:  # more than a card can hold
        return None
    code = _timed(lambda text: codes.read(text, CONTEXT), text)
    if kind in (b"t", b"c", b"m", b"z"):
        assert codes.read(text, ReadContext(forge.NOON)).verification is not Verification.VERIFIED, "believed unasked"
    return code


def _timed(read: Callable[[str], HealthCode], text: str) -> HealthCode:
    begun = time.thread_time()
    code = read(text)
    if time.thread_time() - begun > LIMIT_S and (taken := statistics.median(_times(read, text))) > LIMIT_S:
        raise Slow(f"{1000 * taken:.0f} ms of the processor")
    _sound(code)
    return code


def _times(read: Callable[[str], HealthCode], text: str) -> list[float]:
    taken = []
    for _ in range(AGAIN):
        begun = time.thread_time()
        read(text)
        taken.append(time.thread_time() - begun)
    return taken


def _sound(code: HealthCode) -> None:
    """What holds of every answer."""
    verified = code.verification is Verification.VERIFIED
    assert verified == (code.reason is None), "exactly an answer that is not verified has a reason"
    assert code.reason is None or Reason(code.reason)
    believed = verified or code.scheme == "level-token"  # which says of itself that it proves nothing
    assert believed or code.level is not Level.GREEN, "nothing but verified tells green"
