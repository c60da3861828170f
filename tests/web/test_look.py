"""Colours that everybody can read: what WCAG asks of text, 4.5 to 1."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "web" / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", TOKENS))
VERDICTS = ("admit", "check", "refuse", "isolate")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("verdict", [*VERDICTS, "idle", "brand", "brand-deep", "level-green", "level-red"])
def test_white_words_can_be_read_on_every_colour_that_carries_them(verdict: str) -> None:
    assert contrast(COLOURS[verdict], "#ffffff") >= 4.5


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_s_own_colour_can_be_read_on_its_tint(verdict: str) -> None:
    assert contrast(COLOURS[verdict], COLOURS[f"{verdict}-tint"]) >= 4.5


@pytest.mark.parametrize("ink", ["ink", "ink-soft", "ink-faint"])
def test_text_can_be_read_on_paper_and_surface(ink: str) -> None:
    assert contrast(COLOURS[ink], COLOURS["paper"]) >= 4.5
    assert contrast(COLOURS[ink], COLOURS["surface"]) >= 4.5


def test_dark_words_can_be_read_on_a_yellow_code() -> None:
    assert contrast(COLOURS["level-yellow"], COLOURS["ink"]) >= 4.5
