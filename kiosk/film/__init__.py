"""Films of people stepping up to a gate: drawn from a script, so that it is known what must come out."""

from pathlib import Path

from kiosk.film.draw import draw_film
from kiosk.film.script import Script, load, parse
from kiosk.film.timeline import Showing, Timeline, side_file

__all__ = ["Script", "Showing", "Timeline", "bundled", "draw_film", "load", "parse", "side_file"]


def bundled() -> Path:
    """The film that comes with Gatehouse; `Timeline.beside` it says what it shows."""
    return Path(__file__).parent / "demo.mp4"
