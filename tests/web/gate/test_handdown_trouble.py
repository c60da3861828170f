"""What is wrong with what the office handed down stands on the console, not only in a log."""

from __future__ import annotations

from pathlib import Path

from tests.web import gating
from tests.web.gating import Console


def test_a_hand_down_that_cannot_be_used_is_named_on_the_console(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "handdown"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{half", encoding="utf-8")
    gate = gating.build(tmp_path / "var")
    try:
        console = Console(gating.application(gate).test_client())
        console.sign_on()
        page = console.get("/").text
    finally:
        gate.stop()
    assert "下发内容有误：bundle" in page
    assert "Hand-down not usable: bundle" in page


def test_a_sound_hand_down_needs_no_words(console: Console) -> None:
    assert "下发内容有误" not in console.get("/").text
