"""Films of people stepping up to a gate: drawn from a script, so that it is known what must come out.

Drawing one is `kiosk.film.draw`; a gate that plays one knows nothing of it.
"""

from pathlib import Path

from kiosk.film.script import Script, load, parse
from kiosk.film.timeline import Showing, Timeline, side_file

__all__ = ["Script", "Showing", "Timeline", "bundled", "load", "parse", "side_file"]


def bundled() -> Path:
    """The film that comes with Gatehouse; `Timeline.beside` it says what it shows."""
    return Path(__file__).parent / "demo.mp4"
