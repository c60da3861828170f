"""One pass as it is drawn, in millimetres, at scale 1: 95 × 66, its symbol 40 without the quiet zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import zxingcpp
from fpdf import FPDF
from PIL import Image

from sync.office.values import IssuedPass

WIDTH, HEIGHT = 95.0, 66.0
SYMBOL = 40.0
QUIET = 4  # modules of white around a symbol, as the standard asks
DOTS = 8  # of the picture for one module, so that a viewer which smooths leaves edges sharp
PAD = 3.0
GREY = 90
POINT = 72 / 25.4
KINDS = {"resident": "居民 Resident", "visitor": "访客 Visitor", "worker": "务工 Worker", "returnee": "返乡 Returnee"}
FAMILY = "noto"
BOLD = 0.007  # mm a letter is thickened for each point of its size: there is no bold face in the package


@dataclass(frozen=True, slots=True)
class Card:
    """Where a pass is drawn: its top left corner and its scale."""

    pdf: FPDF
    x: float
    y: float
    scale: float
    zone: ZoneInfo

    def draw(self, issued: IssuedPass) -> None:
        self._head(issued)
        side = self._symbol(issued.text)
        self._person(issued, PAD + side + 1.5)
        self._foot(issued)

    def _head(self, issued: IssuedPass) -> None:
        demo = "演示 DEMO · " if issued.demo else ""
        self._say(PAD, 2.6, WIDTH - 2 * PAD - 29, 11, issued.community_name, bold=True)
        self._say(WIDTH - PAD - 28, 3.4, 28, 8, f"{demo}出入证 Pass", align="R")
        self._line(PAD, 9.2, WIDTH - PAD)

    def _symbol(self, text: str) -> float:
        """Draws the symbol with its quiet zone; the width of both."""
        modules = np.asarray(
            zxingcpp.write_barcode_to_image(
                zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M"),
                scale=1,
                add_quiet_zones=False,
            )
        )
        module = SYMBOL / len(modules)
        picture = np.kron(modules > 0, np.ones((DOTS, DOTS), bool))
        left, top = PAD - 1.2 + module * QUIET, 10.2 + module * QUIET
        self.pdf.image(Image.fromarray(picture), *self._at(left, top), self._size(SYMBOL), self._size(SYMBOL))
        return SYMBOL + 2 * module * QUIET - 1.2

    def _person(self, issued: IssuedPass, left: float) -> None:
        width = WIDTH - PAD - left
        self._say(left, 11.5, width, 17, issued.name, bold=True)
        rows = [
            ("证件后四位 Last four", issued.id_last4 or "—", 13),
            ("住户 Household", issued.household or "—", 11),
            ("类别 Kind", KINDS.get(issued.kind, issued.kind), 8),
            ("有效期 Valid", f"{self._moment(issued.valid_from)} –\n{self._moment(issued.valid_until)}", 8),
        ]
        top = 20.5
        for label, text, points in rows:
            self._say(left, top, width, 5.5, label, grey=True)
            top += 2.4
            for part in text.split("\n"):
                self._say(left, top, width, points, part)
                top += points / POINT * 1.22
            top += 1.1

    def _foot(self, issued: IssuedPass) -> None:
        medium = "纸质证 PAPER PASS" if issued.medium == "paper" else "出入证 PASS"
        self._line(PAD, 57.4, WIDTH - PAD)
        self._say(PAD, 58.5, 44, 9, f"No. {issued.number}", bold=True)
        self._say(PAD + 45, 58.5, WIDTH - 2 * PAD - 45, 9, medium, bold=True, align="R")
        self._say(PAD, 62.2, WIDTH - 2 * PAD, 6, issued.issuer, grey=True)

    def _say(
        self, x: float, y: float, width: float, points: float, text: str, *,
        bold: bool = False, grey: bool = False, align: str = "L",
    ) -> None:  # fmt: skip
        """One line, set smaller where it would not fit."""
        pdf = self.pdf
        pdf.set_text_color(GREY if grey else 0)
        pdf.set_font(FAMILY, size=points * self.scale)
        wide = pdf.get_string_width(text)
        if wide > self._size(width):
            pdf.set_font_size(points * self.scale * self._size(width) / wide)
        pdf.set_xy(*self._at(x, y))
        stroked = {"text_mode": "FILL_STROKE", "line_width": BOLD * points * self.scale} if bold else {}
        with pdf.local_context(**stroked):
            pdf.cell(self._size(width), points / POINT * self.scale, text, align=align)

    def _line(self, left: float, y: float, right: float) -> None:
        self.pdf.set_draw_color(0)
        self.pdf.set_line_width(0.2 * self.scale)
        self.pdf.line(*self._at(left, y), *self._at(right, y))

    def _moment(self, at: datetime) -> str:
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * self.scale, self.y + y * self.scale

    def _size(self, length: float) -> float:
        return length * self.scale
