"""Sheets: cards laid out on paper, with marks where to cut, as a PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fpdf import FPDF

from sync.office.passes.paper import card
from sync.office.passes.paper.card import FAMILY, Card
from sync.office.passes.paper.fonts import faces_for
from sync.office.values import IssuedPass

MARK = 6.0  # mm: how long the cutting marks in the margin are
DASH, GAP = 1.2, 1.2


@dataclass(frozen=True, slots=True)
class Paper:
    """A format in mm and what of it holds cards: columns, rows and their scale."""

    width: float
    height: float
    columns: int
    rows: int
    scale: float

    @property
    def holds(self) -> int:
        return self.columns * self.rows

    @property
    def left(self) -> float:
        return (self.width - self.columns * card.WIDTH * self.scale) / 2

    @property
    def top(self) -> float:
        return (self.height - self.rows * card.HEIGHT * self.scale) / 2

    def lines(self) -> tuple[list[float], list[float]]:
        """Where to cut: from the left, from the top."""
        across = [self.left + at * card.WIDTH * self.scale for at in range(self.columns + 1)]
        down = [self.top + at * card.HEIGHT * self.scale for at in range(self.rows + 1)]
        return across, down


PAPERS: Mapping[str, Paper] = {"a4": Paper(210, 297, 2, 4, 1.0), "a6": Paper(148, 105, 1, 1, 1.45)}


def pages(count: int, paper: str) -> int:
    """How many pages `count` passes take."""
    return -(-count // PAPERS[paper].holds)


def sheet(
    passes: Sequence[IssuedPass],
    paper: str,
    zone: ZoneInfo,
    made_at: datetime,
    progress: Callable[[int], None] = lambda _done: None,
) -> bytes:
    """A PDF with the passes in order; `progress` hears after each how many are drawn.

    Raises KeyError for a paper that is none of PAPERS, MissingLetters for a name that cannot be set.
    """
    form = PAPERS[paper]
    pdf = _document(form, passes, made_at)
    for number, issued in enumerate(passes):
        place = number % form.holds
        if place == 0:
            pdf.add_page()
            _margins(pdf, form, number // form.holds + 1, pages(len(passes), paper))
        x = form.left + place % form.columns * card.WIDTH * form.scale
        y = form.top + place // form.columns * card.HEIGHT * form.scale
        Card(pdf, x, y, form.scale, zone).draw(issued)
        progress(number + 1)
    return bytes(pdf.output())


def _document(form: Paper, passes: Sequence[IssuedPass], made_at: datetime) -> FPDF:
    upright = (min(form.width, form.height), max(form.width, form.height))
    pdf = FPDF("landscape" if form.width > form.height else "portrait", "mm", upright)
    pdf.set_auto_page_break(False)
    pdf.set_creation_date(made_at)
    pdf.set_title("出入证 Passes")
    pdf.set_lang("zh-CN")
    faces = faces_for(_texts(passes))
    for at, face in enumerate(faces):
        pdf.add_font(f"{FAMILY}{at or ''}", fname=face.path, collection_font_number=face.number)
    pdf.set_fallback_fonts([f"{FAMILY}{at}" for at in range(1, len(faces))])
    pdf.set_font(FAMILY, size=8)
    pdf.c_margin = 0
    return pdf


def _texts(passes: Sequence[IssuedPass]) -> Iterator[str]:
    for issued in passes:
        yield from (issued.name, issued.household, issued.community_name, issued.issuer, issued.id_last4)


def _margins(pdf: FPDF, form: Paper, page: int, of: int) -> None:
    """Marks in the margin and dashed lines between the cards; on one card a sheet there is nothing to cut."""
    if form.holds == 1:
        return
    across, down = form.lines()
    pdf.set_draw_color(150)
    pdf.set_line_width(0.1)
    pdf.set_dash_pattern(dash=DASH, gap=GAP)
    for x in across:
        pdf.line(x, down[0], x, down[-1])
    for y in down:
        pdf.line(across[0], y, across[-1], y)
    pdf.set_dash_pattern()
    pdf.set_draw_color(0)
    pdf.set_line_width(0.2)
    for x in across:
        pdf.line(x, down[0] - MARK, x, down[0] - 1)
        pdf.line(x, down[-1] + 1, x, down[-1] + MARK)
    for y in down:
        pdf.line(across[0] - MARK, y, across[0] - 1, y)
        pdf.line(across[-1] + 1, y, across[-1] + MARK, y)
    pdf.set_text_color(card.GREY)
    pdf.set_font(FAMILY, size=7)
    pdf.set_xy(across[0] + 2, down[-1] + 3)
    pdf.cell(card.WIDTH - 4, 4, f"沿虚线剪开 Cut along the lines · 第 {page} / {of} 页", align="C")
