"""Draws glyphs.png, the letters of the films: OpenCV itself knows no Chinese.

    python -m kiosk.film.sheet

Needs Chromium, Playwright and Noto Sans CJK; only somebody who adds characters to glyphs.txt runs it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np

from kiosk.errors import GatehouseError
from kiosk.film.lettering import ASIDE, CELL, COLUMNS, HERE, characters

FONT = f"500 {CELL * 3 // 4}px 'Noto Sans CJK SC'"
_PAGE = """
<style>body {margin: 0; background: #000}</style><canvas></canvas>
<script>
const text = %s, cell = %d, columns = %d;
const canvas = document.querySelector('canvas');
canvas.width = columns * cell;
canvas.height = Math.ceil([...text].length / columns) * cell;
const pen = canvas.getContext('2d');
pen.fillRect(0, 0, canvas.width, canvas.height);
pen.fillStyle = '#fff';
pen.font = "%s";
pen.textBaseline = 'alphabetic';
[...text].forEach((glyph, i) => {
  const row = Math.floor(i / columns), column = i %% columns;
  pen.fillText(glyph, column * cell + %d, (row + 0.76) * cell);
});
</script>"""


def draw(path: Path) -> None:
    """Write the sheet to `path`: white on black, a square cell for each of `characters()`, row by row."""
    from playwright.sync_api import sync_playwright

    if (chromium := shutil.which("chromium")) is None:
        raise GatehouseError("chromium not found: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page()
        page.set_content(_PAGE % (json.dumps(characters()), CELL, COLUMNS, FONT, ASIDE))
        shot = np.frombuffer(page.locator("canvas").screenshot(), np.uint8)
        browser.close()
    grey = cv2.imdecode(shot, cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    path.write_bytes(cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes())


if __name__ == "__main__":
    draw(HERE / "glyphs.png")
