from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import zxingcpp

from kiosk.cli import scan
from tests.kiosk.devices import hostile
from tests.kiosk.devices.drawing import GREEN, RED, film, held_up, lying_png, save, scenery, symbol

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "import typer; from kiosk.cli.scan import scan; typer.run(scan)"]
DATA = os.environ.get("GATEHOUSE_DATA")


def run(*paths: Path | str) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    """Exit code, the lines on standard output and those on standard error."""
    done = subprocess.run([*COMMAND, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, timeout=120)
    return done.returncode, _lines(done.stdout), _lines(done.stderr)


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_picture_gives_one_line_for_each_symbol(tmp_path: Path) -> None:
    both = np.hstack([symbol("GP1:一", dark=GREEN), symbol("GP1:二", dark=RED)])
    file = save(tmp_path / "both.png", both)
    code, found, errors = run(file)
    assert (code, errors) == (0, [])
    assert sorted(line["text"] for line in found) == ["GP1:一", "GP1:二"]
    assert {line["text"]: line["colour"] for line in found} == {"GP1:一": "green", "GP1:二": "red"}
    for line in found:
        assert list(line) == ["file", "frame", "text", "symbology", "colour", "colour_confidence", "ms"]
        assert (line["file"], line["frame"], line["symbology"]) == (str(file), 0, "QRCode")
        assert line["ms"] > 0
        assert 0.5 <= line["colour_confidence"] <= 1


def test_a_grey_symbol_has_no_colour_to_be_sure_of(tmp_path: Path) -> None:
    file = tmp_path / "grey.png"
    cv2.imwrite(str(file), cv2.cvtColor(symbol("GP1:GREY"), cv2.COLOR_BGR2GRAY))
    _, [line], _ = run(file)
    assert (line["colour"], line["colour_confidence"]) == ("unsure", 0)


def test_explain_shows_every_look_and_writes_an_annotated_copy(tmp_path: Path) -> None:
    dim = save(tmp_path / "dim.png", held_up("GP1:DIM", dark=GREEN, light=0.05))
    (tmp_path / "copies").mkdir()
    code, found, looks = run("--explain", "--out", tmp_path / "copies", dim)
    assert (code, [line["text"] for line in found]) == (0, ["GP1:DIM"])
    assert list(looks[0]) == ["file", "look", "ms", "read", "found"]
    assert (looks[0]["look"], looks[0]["read"]) == ("zxing", 0)
    assert looks[-2]["read"] == 1
    copy = cv2.imread(looks[-1]["annotated"])
    assert Path(looks[-1]["annotated"]) == tmp_path / "copies" / "dim.png.explained.png"
    assert copy.shape[0] > 720
    assert copy.shape[1] == 1280


def test_annotated_copies_of_an_earlier_run_are_not_scanned_again(tmp_path: Path) -> None:
    save(tmp_path / "one.png", symbol("GP1:ONE"))
    for _ in range(2):
        code, found, _ = run("--explain", tmp_path)
        assert (code, len(found)) == (0, 1)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.png", "one.png.explained.png"]


def test_other_symbologies_are_read_on_request_and_unknown_ones_named(tmp_path: Path) -> None:
    drawn = zxingcpp.create_barcode("GP1:MATRIX", zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=6)
    file = save(tmp_path / "matrix.png", np.pad(np.array(drawn, np.uint8), 30, constant_values=255))
    assert run(file) == (1, [], [])
    code, found, _ = run("--symbology", "data-matrix", file)
    assert (code, found[0]["text"], found[0]["symbology"]) == (0, "GP1:MATRIX", "DataMatrix")
    done = subprocess.run([*COMMAND, "--symbology", "ean", file], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "unknown ean" in done.stderr


def test_a_film_gives_one_line_for_each_presentation(tmp_path: Path) -> None:
    nobody, one, other = scenery(), held_up("GP1:ONE"), held_up("GP1:OTHER")
    frames = [nobody] * 2 + [one] * 3 + [nobody] + [one] + [nobody] * 2 + [other] * 3 + [nobody] * 12 + [one] * 2
    code, found, errors = run(film(tmp_path / "gate.mp4", frames, fps=10))
    assert (code, errors) == (0, [])
    assert [(line["frame"], line["text"]) for line in found] == [(2, "GP1:ONE"), (9, "GP1:OTHER"), (24, "GP1:ONE")]


def test_a_folder_is_searched_to_the_bottom_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "labels.json").write_text("{}")
    files = [save(tmp_path / name, symbol(f"GP1:{name}")) for name in ("a.png", "b/c.jpg", "d.webp")]
    code, found, errors = run(tmp_path)
    assert (code, errors) == (0, [])
    assert [line["file"] for line in found] == [str(file) for file in files]


def test_files_that_cannot_be_read_are_an_error_each_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = {
        "text.png": b"hello",
        "cut.png": cv2.imencode(".png", scenery(size=(99, 99)))[1].tobytes()[:2000],
        "bomb.png": lying_png(30_000, 30_000),
        "nothing.png": lying_png(0, 0),
        "cut.mp4": b"\0\0\0\x20ftypisom",
        "notes": b"hello",
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    good = save(tmp_path / "good.png", symbol("GP1:GOOD"))
    code, found, errors = run(*(tmp_path / name for name in bad), tmp_path / "nowhere.png", good)
    assert code == 1
    assert [line["text"] for line in found] == ["GP1:GOOD"]
    assert [Path(line["file"]).name for line in errors] == [*bad, "nowhere.png"]
    said = {Path(line["file"]).name: line["error"] for line in errors}
    assert "damaged or cut off" in said["cut.png"]
    assert "30000×30000 pixels are too many" in said["bomb.png"]
    assert "not a film that can be played" in said["cut.mp4"]
    assert "No such file" in said["nowhere.png"]


def test_a_film_that_ends_mid_frame_gives_what_it_has_and_an_error(tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.avi", [held_up("GP1:FILM")] + [scenery(seed) for seed in range(20)], fps=10)
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    code, found, errors = run(cut)
    assert (code, [line["text"] for line in found]) == (1, ["GP1:FILM"])
    assert "its header promises 21 frames" in errors[0]["error"]


def test_a_picture_without_a_symbol_is_exit_code_1_and_no_error(tmp_path: Path) -> None:
    good, empty = (
        save(tmp_path / "good.png", symbol("GP1:GOOD")),
        save(tmp_path / "empty.png", scenery(size=(320, 240))),
    )
    code, found, errors = run(good, empty)
    assert (code, len(found), errors) == (1, 1, [])


def test_a_name_that_is_not_utf_8_or_looks_like_markup_is_no_obstacle(tmp_path: Path) -> None:
    drawn = cv2.imencode(".png", symbol("GP1:NAME"))[1].tobytes()
    for name in (b"caf\xe9.png", b"[red]\x1b.png"):
        (tmp_path / os.fsdecode(name)).write_bytes(drawn)
    code, found, errors = run(tmp_path)
    assert (code, errors) == (0, [])
    assert [Path(line["file"]).name for line in found] == ["[red]\x1b.png", "caf\ufffd.png"]


def test_an_empty_folder_is_exit_code_1(tmp_path: Path) -> None:
    assert run(tmp_path) == (1, [], [])


@pytest.mark.parametrize("behaviour", [hostile.HANGS, hostile.ABORTS])
def test_a_picture_the_reader_dies_of_is_an_error_and_the_rest_goes_on(behaviour: int, tmp_path: Path) -> None:
    bad = save(tmp_path / "1.png", np.full((9, 9), behaviour, np.uint8))
    good = save(tmp_path / "2.png", np.full((9, 9), hostile.FINE, np.uint8))
    program = """
import sys, typer
from kiosk.cli import scan
from kiosk.devices.process import Decoder
scan.Decoder = lambda **_: Decoder("tests.kiosk.devices.hostile:Hostile")
typer.run(scan.scan)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, bad, good], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert [line["file"] for line in _lines(done.stdout)] == [str(good)]
    assert [(line["file"], line["error"][:20]) for line in _lines(done.stderr)] == [(str(bad), "dropped: the reader ")]


def test_long_work_shows_a_bar_on_a_terminal_and_only_there(tmp_path: Path) -> None:
    file = film(tmp_path / "gate.mp4", [held_up("GP1:BAR")] * 10)
    terminal, screen = pty.openpty()
    with subprocess.Popen([*COMMAND, str(file)], cwd=ROOT, stdout=subprocess.PIPE, stderr=screen) as scanning:
        os.close(screen)
        shown = _all_of(terminal)
        assert scanning.stdout
        assert [line["text"] for line in _lines(scanning.stdout.read().decode())] == ["GP1:BAR"]
    os.close(terminal)
    assert b"files" in shown  # the bar of one short film may be gone before it is drawn


@pytest.mark.skipif(not DATA, reason="GATEHOUSE_DATA is not set: published pictures are not at hand")
def test_a_published_folder_is_scanned_as_it_is_labelled() -> None:
    folder = Path(DATA or "") / "qr" / "zxing_qrcode-1"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    code, found, errors = run(folder)
    assert (code, errors) == (0, [])
    assert {Path(line["file"]).name: [line["text"]] for line in found} == labels


def test_the_help_says_what_counts_as_one_presentation() -> None:
    assert "a symbol in view counts once" in " ".join((scan.scan.__doc__ or "").split())


def _all_of(terminal: int) -> bytes:
    shown = b""
    try:
        while data := os.read(terminal, 4096):
            shown += data
    except OSError:  # a terminal whose other end is closed
        pass
    return shown
