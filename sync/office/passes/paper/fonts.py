"""The typefaces of a sheet: Noto Sans SC out of its package, and for rarer characters Noto Sans CJK of the system."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
from fontTools.ttLib import TTFont

from sync.office.errors import OfficeError

SIMPLIFIED = 2  # which face of the collection
SYSTEM = (  # where Debian, Fedora and Arch put it
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
)


class MissingLetters(OfficeError):
    """Characters that no typeface at hand has, such as 𠮷; `letters` are they."""

    def __init__(self, letters: str) -> None:
        self.letters = letters
        super().__init__(
            f"no font here has {letters}: install Noto Sans CJK (on Debian: apt-get install fonts-noto-cjk), "
            "then make the sheet again"
        )


@dataclass(frozen=True, slots=True)
class Face:
    """A font file and, in a collection, which of its faces."""

    path: Path
    number: int
    letters: frozenset[int]


def faces_for(texts: Iterable[str], system: Iterable[Path] = SYSTEM) -> tuple[Face, ...]:
    """The typefaces with which all these texts can be set, the usual one first. Raises MissingLetters."""
    needed = {ord(char) for text in texts for char in text if not char.isspace()}
    usual = _face(pylopdf_fonts_zh_cn.sans_path(), 0)
    rare = needed - usual.letters
    if not rare:
        return (usual,)
    further = next((_face(path, SIMPLIFIED) for path in system if path.exists()), None)
    if further is None or rare - further.letters:
        left = rare - (further.letters if further else frozenset())
        raise MissingLetters("".join(sorted(map(chr, left))))
    return (usual, further)


@cache
def _face(path: Path, number: int) -> Face:
    with TTFont(path, fontNumber=number, lazy=True) as font:
        return Face(path, number, frozenset(font.getBestCmap()))
