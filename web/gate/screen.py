"""What the console shows, piece by piece: each region is a template, sent again whole when its topic changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template

from kiosk.lists.places import CLINICS
from kiosk.model import LaneInfo
from kiosk.visit import LaneView, Outcome
from web.serving import Serving, utc_now

REGIONS = {
    "lane": ("card", "direction", "tabs", "waiting"),
    "recent": ("recent",),
    "status": ("status", "alarm", "tabs", "devices", "syncing"),
    "summons": ("summons",),
}


@dataclass(frozen=True, slots=True)
class Screen:
    """One console, looking at one lane."""

    serving: Serving
    lane: LaneInfo

    def everything(self) -> dict[str, Any]:
        return self.update(frozenset(REGIONS))

    def update(self, topics: frozenset[str]) -> dict[str, Any]:
        """What the topics touch, as the screen takes it (web/live.py)."""
        service = self.serving.service
        views = {lane.name: service.checkpoint.view(lane.name) for lane in service.lanes}
        status = service.status()
        view = views[self.lane.name]
        context = {"view": view, "views": views, "status": status, "now": utc_now()}
        places = service.inforce.lists.places
        context["clinics"] = {kind: places.clinics(kind) for kind in CLINICS}
        if "recent" in topics:
            context["rows"] = service.recent()
        return {
            "epoch": self.serving.epoch,
            "lane": view.lane,
            "number": view.number,
            "regions": _render(topics, context),
            "cues": [*_verdict_cues(views), *_summons_cues(status["summons"]), *_hint_cues(status["lanes"])],
        }


def _render(topics: frozenset[str], context: Mapping[str, Any]) -> dict[str, str]:
    names = sorted({name for topic in topics for name in REGIONS[topic]})
    return {name: render_template(f"gate/regions/{name}.html", **context) for name in names}


def _verdict_cues(views: Mapping[str, LaneView]) -> list[dict[str, str]]:
    """A sound for each outcome on show; a screen plays each once."""
    shown = [view.last for view in views.values()] + [one.outcome for view in views.values() for one in view.resting]
    shown += [one.outcome for view in views.values() if view.party for one in view.party.members]
    cues = {last.seq: last.verdict.value if last.verdict else "check" for last in shown if last and _sounds(last)}
    return [{"id": f"seq-{seq}", "sound": sound} for seq, sound in cues.items()]


def _sounds(last: Outcome) -> bool:
    return last.verdict is not None or (last.rest_until is not None and last.seq > 0)


def _summons_cues(summons: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"id": f"summons-{call['lane']}-{call['at']}-{call['why']}", "sound": "summons"} for call in summons]


def _hint_cues(lanes: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Somebody has to be asked for one code at a time."""
    asked = [lane for lane in lanes if lane["hint"]]
    return [{"id": f"several-{lane['name']}-{lane['hint']['times']}", "sound": "summons"} for lane in asked]
