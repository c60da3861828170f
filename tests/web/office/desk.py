"""Somebody at a desk of the street office: reads pages, fills in forms, presses buttons."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TAG = re.compile(r"<[^>]+>")
GAP = re.compile(r"\s+")


class Desk:
    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def send(self, path: str, form: Mapping[str, Any] | None = None, page: str | None = None) -> TestResponse:
        """Posts a form with the token of the page it stands on (`path` itself unless told otherwise)."""
        shown = self.client.get(page or path, follow_redirects=True)
        return self.client.post(path, data={**(form or {}), "csrf_token": token(shown)})

    def enter(self, login: str, password: str) -> Desk:
        answer = self.send("/login", {"login": login, "password": password})
        assert answer.status_code == 302, words(answer)
        return self


def token(page: TestResponse) -> str:
    """The CSRF token of the first form on a page."""
    found = TOKEN.search(page.get_data(as_text=True))
    assert found is not None, "no form on this page"
    return found[1]


def words(page: TestResponse) -> str:
    """What a reader sees of a page: its text without tags."""
    body = page.get_data(as_text=True)
    body = body[body.find("<main") :]
    return GAP.sub(" ", html.unescape(TAG.sub(" ", body))).strip()


def links(page: TestResponse, pattern: str) -> list[str]:
    """The addresses on a page that match, in order, each once."""
    found = [html.unescape(href) for href in re.findall(r'href="([^"]+)"', page.get_data(as_text=True))]
    return list(dict.fromkeys(href for href in found if re.fullmatch(pattern, href)))
