"""Draws a film from a script: casts it, lays out its times, takes every frame and writes the side file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from kiosk.codes.algorithms import PrivateKey
from kiosk.film.camera import Actor, Camera
from kiosk.film.casting import Cast, cast
from kiosk.film.picture import Picture
from kiosk.film.script import Script
from kiosk.film.timeline import Showing, Timeline, side_file
from kiosk.film.writers import open_film

Progress = Callable[[int, int], None]  # frames drawn so far, frames in all


def draw_film(
    script: Script, path: Path, *, key: PrivateKey | None = None, seed: int = 0, progress: Progress | None = None
) -> Timeline:
    """Draw `script` into `path` (its suffix says which kind of film), with the side file beside it.

    The passes are signed with `key`, or with one that is made here and forgotten. The same seed, script and key draw
    the same film up to its signatures. Raises ConfigError for a person who cannot be cast, GatehouseError when
    nothing can be written to `path`.
    """
    rng = np.random.default_rng(seed)
    company = cast(script, key, rng)
    timeline = lay_out(script, company)
    with open_film(path, script.fps, script.size) as writer:
        for number, frame in enumerate(_frames(script, company, timeline, rng), start=1):
            writer.write(frame)
            if progress is not None:
                progress(number, timeline.frames)
    timeline.save(side_file(path))
    return timeline


def lay_out(script: Script, company: Cast) -> Timeline:
    """When each of the company is in view; every time falls on a frame."""
    showings, now = [], round(script.lead_s * script.fps)
    for role in company.roles:
        end = now + max(1, round(role.person.seconds * script.fps))
        showings.append(
            Showing(
                start_s=round(now / script.fps, 4),
                end_s=round(end / script.fps, 4),
                name=role.person.name,
                shows=role.person.show,
                text=role.text,
                colour=role.person.modules,
                celsius=role.person.celsius,
                expect=role.person.expect,
                offline=role.person.offline,
                symbols=role.symbols if len(role.symbols) > 1 else (),
            )
        )
        now = end + round(script.gap_s * script.fps)
    return Timeline(script.fps, now, tuple(showings), company.trust.to_section(), company.revoked.to_section())


def _frames(script: Script, company: Cast, timeline: Timeline, rng: np.random.Generator) -> Iterator[Picture]:
    """Every frame in order; an actor is dressed when they come into view."""
    camera = Camera(script, rng)
    drawn = 0
    for role, showing in zip(company.roles, timeline.people, strict=True):
        first, last = (round(seconds * script.fps) for seconds in (showing.start_s, showing.end_s))
        yield from (camera.empty() for _ in range(drawn, first))
        actor = Actor.of(role, script, rng)
        yield from (camera.take(actor, (number - first) / script.fps) for number in range(first, last))
        drawn = last
    yield from (camera.empty() for _ in range(drawn, timeline.frames))
