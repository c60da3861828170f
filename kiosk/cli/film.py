"""python -m kiosk film: draws a film of people stepping up to a gate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kiosk.errors import GatehouseError
from kiosk.film import load, script, side_file
from kiosk.film.draw import draw_film


def film(
    path: Annotated[Path, typer.Argument(help="FILM.mp4, .avi, .mjpeg, .y4m (Chromium's fake camera) or a folder.")],
    script_file: Annotated[
        Path, typer.Option("--script", help="Who shows what, as TOML (docs/film.md); the bundled film's unless given.")
    ] = script.DEMO,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same hands, faces and movements.")] = 0,
    fps: Annotated[float | None, typer.Option(help="Frames a second instead of the script's.")] = None,
    size: Annotated[str | None, typer.Option(help="WIDTHxHEIGHT in pixels instead of the script's.")] = None,
) -> None:
    """Draw a film of people showing their codes, and PATH.json that says what must come out.

    The key that signs its passes is made for this film and forgotten; what a gate needs to verify them stands in
    PATH.json, marked as demonstration.

    Example: python -m kiosk film /tmp/monday.mp4 --script monday.toml
    """
    story = _with(load(script_file), fps, size)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("drawing", total=None)
        timeline = draw_film(
            story, path, seed=seed, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    print(
        f"{path}: {len(timeline.people)} people, {timeline.frames} frames, {timeline.seconds:.1f} s; {side_file(path)}"
    )


def _with(story: script.Script, fps: float | None, size: str | None) -> script.Script:
    """The script with another rate or size. Raises GatehouseError for what no film can have."""
    changes: dict[str, object] = {} if fps is None else {"fps": fps}
    if size is not None:
        changes["size"] = tuple(size.lower().split("x"))
    try:
        return script.Script.model_validate(story.model_dump() | changes)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise GatehouseError(f"--{wrong['loc'][0]}: {wrong['msg']} (given: {wrong['input']!r})") from error
