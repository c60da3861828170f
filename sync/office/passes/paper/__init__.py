"""Passes on paper: PDF sheets, A4 with several to be cut out, or one on A6."""

from sync.office.passes.paper.fonts import MissingLetters
from sync.office.passes.paper.sheet import PAPERS, pages, sheet

__all__ = ["PAPERS", "MissingLetters", "pages", "sheet"]
