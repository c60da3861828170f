from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from structlog.testing import capture_logs

from kiosk.devices import process
from kiosk.devices.process import Decoder
from kiosk.errors import DeviceError
from tests.kiosk.devices import hostile
from tests.kiosk.devices.drawing import GREEN, held_up, symbol
from tests.kiosk.devices.waiting import until

HOSTILE = "tests.kiosk.devices.hostile:Hostile"
ROOT = Path(__file__).parents[3]


def picture(behaviour: int, shape: tuple[int, ...] = (4, 5)) -> np.ndarray:
    drawn = np.zeros(shape, np.uint8)
    drawn.flat[0] = behaviour
    return drawn


def test_a_process_of_its_own_reads_what_the_ladder_reads() -> None:
    with Decoder() as decoder:
        (found,) = decoder.decode(held_up("GP1:健康", dark=GREEN))
        assert (found.text, found.colour.value, len(found.corners)) == ("GP1:健康", "green", 4)
        assert decoder.decode(symbol("GP1:SMALL"))[0].text == "GP1:SMALL"
        assert decoder.decode(np.zeros((1, 1), np.uint8)) == []


def test_pictures_of_any_size_follow_each_other() -> None:
    with Decoder(HOSTILE) as decoder:
        for count, shape in enumerate([(4, 5), (700, 900, 3), (1, 1), (3000, 2000), (4, 5, 3)], 1):
            (found,) = decoder.decode(np.full(shape, 7, np.uint8), thorough=True)
            if shape != (4, 5, 3):
                assert found.text.startswith(f"{shape} ")
            assert found.text.endswith(f"True {count}")


@pytest.mark.parametrize("behaviour", [hostile.ABORTS, hostile.SEGFAULTS, hostile.HANGS])
def test_a_picture_that_kills_or_hangs_the_reader_is_dropped_and_the_next_one_is_read(behaviour: int) -> None:
    with Decoder(HOSTILE) as decoder:
        assert len(decoder.decode(picture(hostile.FINE))) == 1
        assert decoder.decode(picture(behaviour)) == []
        assert decoder.dropped == 1
        assert decoder.decode(picture(hostile.FINE))[0].text.endswith(" 1"), "by a new reader in a new process"
        assert decoder.dropped == 1


def test_a_reader_that_sleeps_costs_its_box_however_long_a_starved_one_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "STARVED", 10_000.0)
    with Decoder(HOSTILE) as decoder:
        assert decoder.attempt(picture(hostile.SLEEPS)).trouble == "the reader took longer than 0.3 s"
        assert len(decoder.decode(picture(hostile.FINE))) == 1


def test_the_answer_says_which_looks_were_taken() -> None:
    with Decoder() as decoder:
        assert [look.name for look in decoder.attempt(symbol("GP1:LOOKS")).taken] == ["zxing"]
        names = [look.name for look in decoder.attempt(np.zeros((99, 99), np.uint8), thorough=True).taken]
        assert names[:2] == ["zxing", "zxing, everywhere"]


def test_other_symbologies_are_read_when_they_are_asked_for() -> None:
    drawn = np.array(zxingcpp.create_barcode("GP1:AZTEC", zxingcpp.BarcodeFormat.Aztec).to_image(scale=6), np.uint8)
    framed = np.pad(drawn, 40, constant_values=255)
    with Decoder() as decoder:
        assert decoder.decode(framed, thorough=True) == []
    with Decoder(symbologies=("qr", "aztec")) as decoder:
        (found,) = decoder.decode(framed)
        assert (found.text, found.symbology) == ("GP1:AZTEC", "Aztec")
        assert decoder.decode(symbol("GP1:SMALL"))[0].text == "GP1:SMALL"


def test_an_exception_in_the_reader_costs_its_picture_only_and_tells_nothing_personal() -> None:
    with Decoder(HOSTILE) as decoder, capture_logs() as logs:
        answer = decoder.attempt(picture(hostile.RAISES))
        assert (answer.symbols, answer.trouble) == ((), "the reader failed with RuntimeError")
        assert decoder.decode(picture(hostile.FINE))[0].text.endswith(" 1"), "by the same reader, one picture on"
        assert decoder.dropped == 1
    assert "张三" not in str(logs)


def test_a_process_that_dies_between_two_pictures_is_replaced() -> None:
    with Decoder(HOSTILE) as decoder:
        decoder.decode(picture(hostile.FINE))
        os.kill(_worker_of(decoder), signal.SIGKILL)
        until(lambda: decoder.decode(picture(hostile.FINE)))
        assert decoder.dropped <= 1


def test_an_array_that_is_no_picture_never_reaches_the_process() -> None:
    with Decoder(HOSTILE) as decoder:
        with pytest.raises(DeviceError, match="0×0"):
            decoder.decode(np.zeros((0, 0), np.uint8))
        assert decoder.dropped == 0


def test_a_reader_that_cannot_be_made_is_a_clear_error_each_time() -> None:
    with Decoder("tests.kiosk.devices.hostile:Nobody") as decoder:
        for _ in range(2):
            with pytest.raises(DeviceError, match="does not start: python -m kiosk doctor"):
                decoder.decode(picture(hostile.FINE))


def test_a_closed_decoder_leaves_no_process_and_says_that_it_is_closed() -> None:
    decoder = Decoder(HOSTILE)
    decoder.decode(picture(hostile.FINE))
    worker = _worker_of(decoder)
    decoder.close()
    assert not _alive(worker)
    with pytest.raises(DeviceError, match="closed"):
        decoder.decode(picture(hostile.FINE))
    decoder.close()


def test_closing_and_restarting_leaves_no_open_files() -> None:
    def once() -> None:
        with Decoder(HOSTILE) as decoder:
            decoder.decode(picture(hostile.FINE))
            decoder.decode(picture(hostile.ABORTS))
            decoder.decode(picture(hostile.FINE))

    once()
    before = _open_files()
    once()
    assert _open_files() == before


@pytest.mark.parametrize("behaviour", [hostile.FINE, hostile.HANGS], ids=["waiting", "hanging"])
def test_no_process_outlives_a_gate_that_was_killed(behaviour: int) -> None:
    program = f"""
import os, sys, threading
import numpy as np
from kiosk.devices.process import Decoder
decoder = Decoder({HOSTILE!r})
decoder.decode(np.zeros((4, 5), np.uint8))
print(decoder._worker._process.pid, flush=True)
if {behaviour}:
    threading.Thread(target=lambda: decoder.decode(np.full((4, 5), {behaviour}, np.uint8))).start()
sys.stdin.readline()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as gate:
        assert gate.stdout
        worker = int(gate.stdout.readline())
        assert _alive(worker)
        gate.kill()
        gate.wait()
        until(lambda: not _alive(worker))


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _worker_of(decoder: Decoder) -> int:
    assert decoder._worker
    return decoder._worker._process.pid


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
