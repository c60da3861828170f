"""Policies at the office, for the tests of their pages: what a browser sends, who submits, who approves."""

from __future__ import annotations

import html
import re
from typing import Any

from werkzeug.test import TestResponse

from kiosk.screening import policy
from sync.office.policy.values import Version
from sync.office.values import EVERYTHING
from tests.web.office.desk import Desk
from tests.web.office.world import World

DEFAULT = policy.default().to_document()


def now(world: World, version: Version) -> Version:
    return world.office.policies.get(version.id, EVERYTHING)


def fields(page: TestResponse) -> dict[str, Any]:
    """What a browser would send of the page's editor."""
    body = page.get_data(as_text=True)
    body = body[body.index("data-editor") :]
    found: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        found.setdefault(name, []).append(html.unescape(value))

    for tag in re.findall(r"<input[^>]*>", body):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and not (re.search(r'type="(checkbox|radio)"', tag) and " checked" not in tag):
            put(name[1], value[1] if value else "on")
    for name, inner in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inner) or re.search(r'<option value="([^"]*)"', inner)
        put(name, chosen[1] if chosen else "")
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', body, re.S):
        put(name, inner)
    return found


def rule_path(version: Version, name: str) -> str:
    numbers = [rule["id"] for rule in version.document["rule"]]
    return f"/policy/{version.id}/rules/{numbers.index(name)}"


def submit(desk: Desk, version: Version) -> TestResponse:
    return desk.send(f"/policy/{version.id}/submit", {"note": "提高警戒"}, page=f"/policy/{version.id}")


def approve(desk: Desk, world: World, version: Version) -> TestResponse:
    form = {"digest": now(world, version).digest}
    return desk.send(f"/policy/{version.id}/approve", form, page=f"/policy/{version.id}")
