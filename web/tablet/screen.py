"""What a tablet shows: one step at a time, sent whole at each change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template

from kiosk.model import LaneInfo
from kiosk.visit import LaneView
from web.serving import Serving, utc_now


@dataclass(frozen=True, slots=True)
class TabletScreen:
    """One tablet, on one lane."""

    serving: Serving
    lane: LaneInfo

    def update(self, _: frozenset[str]) -> dict[str, Any]:
        """The step the lane is at (web/live.py), whatever changed: a tablet has one region."""
        service = self.serving.service
        view = service.checkpoint.view(self.lane.name)
        status = service.status()
        context = {
            "view": view,
            "status": status,
            "now": utc_now(),
            "measures": _measures(status, self.lane.name),
            "notices": service.notices(),
        }
        return {
            "epoch": self.serving.epoch,
            "lane": view.lane,
            "number": view.number,
            "regions": {"step": render_template("tablet/step.html", **context)},
            "cues": _cues(view),
        }


def _cues(view: LaneView) -> list[dict[str, str]]:
    """The sound of the verdict on show."""
    if view.visit or not view.last or not view.last.verdict:
        return []
    return [{"id": f"seq-{view.last.seq}", "sound": view.last.verdict.value}]


def _measures(status: dict[str, Any], lane: str) -> bool:
    """Whether the lane's own thermometer is at work."""
    return any(item["name"] == lane and item["thermometer"] == "ok" for item in status["lanes"])
