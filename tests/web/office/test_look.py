"""What holds for every page: a strict content policy it lives with, both languages, one heading."""

from __future__ import annotations

import re

import pytest

from tests.web.office import world as worlds
from tests.web.office.desk import Desk
from tests.web.office.world import World
from web.app import create_office_app
from web.office import labels, show, sources

PAGES = (
    "/",
    "/entries",
    "/alerts",
    "/days",
    "/gates",
    "/gates/new",
    "/passes",
    "/passes/new",
    "/passes/household",
    "/passes/bulk",
    "/passes/revoke-household",
    "/notices",
    "/bundle",
    "/trouble",
)
ADMIN = ("/users", "/users/new", "/audit", "/account", "/account/password")
INLINE = re.compile(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\bsrc=)")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MAIN = re.compile(r"<nav class=\"side-nav\".*?</nav>|<h1>.*?</h1>|<th[ >].*?</th>|<label.*?</label>", re.DOTALL)


@pytest.fixture
def full(world: World) -> World:
    worlds.documents(world)
    worlds.a_fork(world)
    worlds.waiting_gate(world)
    return world


def test_no_page_needs_a_style_or_a_script_of_its_own(admin: Desk, full: World) -> None:
    entry, alert = full.east.journal.events[0].id, full.office.alerts.list(worlds.EVERYTHING)[0].id
    for path in (*PAGES, *ADMIN, f"/entries/{entry}", f"/alerts/{alert}", f"/gates/{full.east.id}"):
        answer = admin.get(path)
        assert answer.status_code == 200, path
        assert INLINE.search(answer.get_data(as_text=True)) is None, path
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_in_english_menu_headings_columns_and_labels_are_english(admin: Desk, full: World) -> None:
    admin.get("/?lang=en")
    for path in (*PAGES, *ADMIN):
        body = admin.get(path).get_data(as_text=True)
        for part in MAIN.findall(body):
            own = re.sub(r"<select.*?</select>|<[^>]+>", "", part, flags=re.DOTALL)  # places keep their names
            assert CHINESE.search(own) is None, (path, part)


def test_every_page_has_one_heading_and_a_title_with_the_offices_name(admin: Desk, full: World) -> None:
    for path in (*PAGES, *ADMIN):
        body = admin.get(path).get_data(as_text=True)
        assert body.count("<h1>") == 1, path
        assert re.search(r"<title>.+ · 安宁街道办</title>", body), path


def test_every_field_has_a_label(admin: Desk, full: World) -> None:
    for path in (*PAGES, *ADMIN):
        body = admin.get(path).get_data(as_text=True)
        fields = re.findall(r"<(?:input|select|textarea)(?![^>]*type=\"hidden\")[^>]*>", body)
        for field in fields:
            name = re.search(r'\bid="([^"]+)"', field)
            labelled = name is not None and f'for="{name[1]}"' in body
            inside = re.search(r"<label[^>]*>(?:(?!</label>).)*" + re.escape(field), body, re.DOTALL)
            assert labelled or inside or "aria-label" in field, (path, field)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 秒"),
        (59, "59 秒"),
        (60, "1 分"),
        (61, "1 分 1 秒"),
        (3600, "1 小时"),
        (90_061, "1 天 1 小时"),
        (-61, "1 分 1 秒"),
    ],
)
def test_a_span_names_its_two_largest_units(world: World, seconds: float, text: str) -> None:
    with create_office_app(world.office).test_request_context():
        assert show.span(seconds) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0.0 秒"),
        (-49, "0.0 秒"),
        (-50, "−0.1 秒"),
        (50, "+0.1 秒"),
        (-1500, "−1.5 秒"),
        (93_000, "+1 分 33 秒"),
        (None, ""),
    ],
)
def test_a_clock_error_has_its_sign(world: World, ms: int | None, text: str) -> None:
    with create_office_app(world.office).test_request_context():
        assert show.signed_span(ms) == text


def test_a_word_that_nobody_translated_shows_as_it_is(world: World) -> None:
    with create_office_app(world.office).test_request_context():
        assert labels.label("scheme", "HC9") == "HC9"
        assert labels.label("scheme", "office-pass") == "出入证"


def test_a_source_names_every_row_it_cites() -> None:
    asked = sources.explain("G2 G12 · 003 §二")
    assert asked.zh.startswith("出入人员测温；发热病人")
    assert sources.explain("O1 C3 · 001").zh == ""
    assert sources.explain("G99").zh == ""
