"""python -m kiosk scan: what symbols pictures, films and folders hold."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from kiosk import logs
from kiosk.cli.explaining import EXPLAINED, Explainer
from kiosk.devices import picture_size
from kiosk.devices.opener import Opener
from kiosk.devices.picture import Pixels
from kiosk.devices.playback import FILMS, PICTURES, FilmCamera
from kiosk.devices.process import Decoder
from kiosk.devices.readers import QR, SYMBOLOGIES
from kiosk.devices.sightings import Sightings
from kiosk.devices.worker import Answer
from kiosk.errors import DeviceError
from kiosk.model import Symbol

GONE_S = 1.5  # of a film's time: a symbol out of view for so long counts again
HEADER_BYTES = 64


@dataclass(frozen=True, slots=True)
class Found:
    """A symbol, the number of the frame it was read in (0 in a picture) and what reading that frame took."""

    frame: int
    symbol: Symbol
    ms: float


def scan(
    paths: Annotated[list[Path], typer.Argument(help="Pictures, films and folders of them (searched to the bottom).")],
    explain: Annotated[
        bool, typer.Option(help="Show every look, and write an annotated copy of each picture.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the annotated copies; beside the pictures if none.")
    ] = None,
    symbology: Annotated[list[str], typer.Option(help=f"What to read: {', '.join(SYMBOLOGIES)}.")] = list(QR),  # noqa: B006 - typer reads it once
) -> None:
    """Print one JSON line for each symbol found: file, frame, text, symbology, colour, colour_confidence, ms.

    In a film, a symbol in view counts once, with the first frame it was read in, and again after it was out of view
    for 1.5 seconds of the film. A file that cannot be read gives one line {"file", "error"} on standard error, and
    the rest goes on. The exit code is 1 when any file held no symbol or could not be read.

    With --explain each picture also gives one line on standard error for each look that was taken: file, look, ms,
    read, found (symbols seen that could not be read); and PICTURE.explained.png with what was seen where.

    Example: python -m kiosk scan pass.jpg gate.mp4 photographs/
    """
    logs.configure(logging.ERROR)  # nothing but symbols on standard output: what is dropped gets its own error line
    _check_options(symbology, out)
    with _quiet() as errors, Opener() as opener, Decoder(symbologies=symbology) as decoder, _bar(errors) as bar:
        work = _Scan(opener, decoder, bar, errors, Explainer(out) if explain else None)
        files = [file for path in paths for file in _files(path)]
        good = [work.scan(file) for file in bar.track(files, description="files")]
    if not (good and all(good)):
        raise typer.Exit(1)


class _Scan:
    """One run over all files."""

    def __init__(
        self, opener: Opener, decoder: Decoder, bar: Progress, errors: TextIO, explainer: Explainer | None
    ) -> None:
        self._opener = opener
        self._decoder = decoder
        self._bar = bar
        self._errors = errors
        self._explainer = explainer

    def scan(self, file: Path) -> bool:
        """Print what `file` holds; True when it held a symbol and could be read to its end."""
        found = 0
        try:
            for one in self._found(file):
                found += 1
                print(_line(file, one), flush=True)
        except DeviceError as error:
            self._tell(file, str(error))
            return False
        return found > 0

    def _found(self, file: Path) -> Iterator[Found]:
        if _is_picture(file):
            pixels = self._opener.load(file)
            answer = self._decoder.attempt(pixels, thorough=True)
            if answer.trouble:
                raise DeviceError(f"dropped: {answer.trouble}")
            if self._explainer:
                self._explain(self._explainer, file, pixels, answer)
            yield from (Found(0, symbol, answer.ms) for symbol in answer.symbols)
        else:
            yield from self._found_in_film(file)

    def _found_in_film(self, file: Path) -> Iterator[Found]:
        film, sightings, dropped = FilmCamera(file, live=False), Sightings(GONE_S), 0
        task = self._bar.add_task(escape(_name(file)), total=film.frames or None)
        try:
            while (frame := film.read()) is not None:
                answer = self._decoder.attempt(frame.image)
                dropped += bool(answer.trouble)
                new = sightings.new(answer.symbols, frame.at_s)
                yield from (Found(frame.index, symbol, answer.ms) for symbol in new)
                self._bar.update(task, completed=frame.index + 1)
            _check(film, dropped)
        finally:
            film.close()
            self._bar.remove_task(task)

    def _explain(self, explainer: Explainer, file: Path, pixels: Pixels, answer: Answer) -> None:
        for look in answer.taken:
            self._say(file, look=look.name, ms=round(look.ms, 2), read=look.read, found=look.found)
        self._say(file, annotated=_name(explainer.write(file, pixels, answer)))

    def _tell(self, file: Path, error: str) -> None:
        self._say(file, error=error)

    def _say(self, file: Path, **what: object) -> None:
        print(json.dumps({"file": _name(file), **what}, ensure_ascii=False), file=self._errors, flush=True)


def _check_options(symbologies: list[str], out: Path | None) -> None:
    if unknown := sorted(set(symbologies) - set(SYMBOLOGIES)):
        raise typer.BadParameter(f"unknown {', '.join(unknown)}; known are {', '.join(SYMBOLOGIES)}")
    if out and not out.is_dir():
        raise typer.BadParameter(f"--out {out}: no such folder")


def _check(film: FilmCamera, dropped: int) -> None:
    """Raises DeviceError for a film that was not seen whole."""
    if film.broke_off():
        raise DeviceError(f"the film breaks off: its header promises {film.frames} frames; what was there was read")
    if dropped:
        raise DeviceError(f"dropped {dropped} frames that the reader crashed on or hung at; the others were read")


def _files(path: Path) -> list[Path]:
    """A folder's pictures and films, sorted; a path that is no folder, whatever its name, is taken at its word."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if _is_wanted(file))


def _is_wanted(file: Path) -> bool:
    """By its name; the annotated copies of an earlier run show the very symbols again."""
    return file.suffix.lower() in PICTURES | FILMS and not file.name.endswith(EXPLAINED) and file.is_file()


def _is_picture(file: Path) -> bool:
    """By what its first bytes are, and where those say nothing by its name. Raises DeviceError when unreadable."""
    try:
        with file.open("rb") as content:
            begins = content.read(HEADER_BYTES)
    except OSError as error:
        raise DeviceError(f"cannot be read: {error.strerror or error}") from error
    return file.suffix.lower() in PICTURES or picture_size.is_picture(begins)


def _line(file: Path, found: Found) -> str:
    symbol = found.symbol
    line = {
        "file": _name(file),
        "frame": found.frame,
        "text": symbol.text,
        "symbology": symbol.symbology,
        "colour": symbol.colour.value,
        "colour_confidence": round(symbol.colour_confidence, 2),
        "ms": round(found.ms, 2),
    }
    return json.dumps(line, ensure_ascii=False)


def _name(file: Path) -> str:
    """The path as text; what is not UTF-8 in it becomes �."""
    return os.fsencode(file).decode("utf-8", "replace")


@contextmanager
def _quiet() -> Iterator[TextIO]:
    """Standard error for our lines alone: the picture libraries write to its descriptor whatever they like."""
    if sys.stderr is not sys.__stderr__:  # not the process's own
        yield sys.stderr
        return
    with os.fdopen(os.dup(2), "w", encoding="utf-8") as errors, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield errors
        finally:
            errors.flush()
            os.dup2(errors.fileno(), 2)


def _bar(errors: TextIO) -> Progress:
    """A bar where somebody watches. Symbols go through it only onto that same screen, never from a pipe to it."""
    console = Console(file=errors)
    return Progress(console=console, transient=True, disable=not errors.isatty(), redirect_stdout=sys.stdout.isatty())
