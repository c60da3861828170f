"""What has to know the whole gate before the gate is there: news from its parts on their way to screens and line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiosk import status
from kiosk.equipment import utc_now
from kiosk.hub import Hub
from kiosk.model import Event
from kiosk.visit import LaneView, as_json

if TYPE_CHECKING:
    from kiosk.service import GateService


@dataclass
class Wiring:
    """What has to know the whole service although the service is not there yet while its parts are made."""

    hub: Hub
    service: GateService | None = None

    def announce(self, view: LaneView, events: tuple[Event, ...]) -> None:
        self.hub.publish("lane", as_json(view))
        if self.service and events:
            if view.last and any(event.open.get("visit") == view.last.visit for event in events):
                self.service.summons.follow(view, utc_now())
            self.hub.publish("recent", {"rows": self.service.recent()})
            self.recorded(events)
            self.refresh()

    def recorded(self, events: tuple[Event, ...]) -> None:
        """What goes up at once, or shortly, is for the scheduler to say."""
        if self.service and self.service.scheduler:
            self.service.scheduler.recorded(events)

    def refresh(self) -> None:
        if self.service:
            self.service.publish_status()

    def idle(self) -> bool:
        """Whether no lane serves anybody."""
        service = self.service
        return service is None or all(service.checkpoint.view(lane.name).visit is None for lane in service.lanes)

    def vitals(self) -> dict[str, Any]:
        return status.vitals(self.service) if self.service else {}
