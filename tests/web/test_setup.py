"""What every page has: a strict policy, two languages, protection of its forms, errors in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from web import setup


@pytest.fixture
def app() -> Flask:
    app = setup.make_app("test", domains=("common",), secret_key=b"k" * 32, cookie="test", demo=True)

    @app.get("/page")
    def page() -> str:
        return render_template_string(
            '{% extends "base.html" %}{% import "macros.html" as ui with context %}'
            '{% block main %}{{ ui.verdict("admit") }}{{ ui.language_switch() }}{{ _("放行") }}{% endblock %}'
        )

    @app.get("/camera")
    @setup.uses_camera
    def camera() -> str:
        return "camera"

    @app.post("/change")
    def change() -> str:
        return "changed"

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret-detail")

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def policy(client: FlaskClient, path: str) -> dict[str, str]:
    header = client.get(path).headers["Content-Security-Policy"]
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in header.split(";"))}


def test_a_page_may_load_only_what_is_its_own(client: FlaskClient) -> None:
    rules = policy(client, "/page")
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in client.get("/page").headers["Content-Security-Policy"]


def test_only_the_page_that_scans_may_use_the_camera_and_compile_webassembly(client: FlaskClient) -> None:
    assert policy(client, "/camera")["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert "camera=(self)" in client.get("/camera").headers["Permissions-Policy"]
    assert "script-src" not in policy(client, "/page")
    assert "camera=()" in client.get("/page").headers["Permissions-Policy"]


def test_errors_carry_the_same_headers(client: FlaskClient) -> None:
    assert policy(client, "/nowhere")["default-src"] == "'self'"
    assert client.get("/nowhere").headers["X-Content-Type-Options"] == "nosniff"


def test_pages_are_never_stored_and_fingerprinted_files_always(client: FlaskClient) -> None:
    page = client.get("/page")
    assert page.headers["Cache-Control"] == "no-store"
    sheet = re.search(r'href="(/static/css/tokens\.css\?v=\w+)"', page.text)
    assert sheet is not None
    assert "immutable" in client.get(sheet[1]).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/css/tokens.css").headers["Cache-Control"]


def test_chinese_comes_first_and_english_beside_it(client: FlaskClient) -> None:
    text = client.get("/page").text
    assert text.index("放行") < text.index("Admit")
    assert '<html lang="zh-CN">' in text


def test_the_language_is_remembered_once_chosen(client: FlaskClient) -> None:
    assert '<html lang="en">' in client.get("/page?lang=en").text
    text = client.get("/page").text
    assert text.index("Admit") < text.index("放行")


def test_an_unknown_language_changes_nothing(client: FlaskClient) -> None:
    assert '<html lang="zh-CN">' in client.get("/page?lang=xx").text
    assert client.get_cookie("lang") is None


def test_the_language_switch_keeps_the_rest_of_the_address(client: FlaskClient) -> None:
    assert 'href="?day=2026-11-22&amp;lang=en"' in client.get("/page?day=2026-11-22&lang=zh").text


def test_every_page_of_a_demonstration_says_so(client: FlaskClient) -> None:
    for path in ("/page", "/nowhere"):
        assert "演示" in client.get(path).text
        assert "DEMO" in client.get(path).text


def test_a_form_without_its_token_changes_nothing_and_is_told_to_reload(client: FlaskClient) -> None:
    answer = client.post("/change")
    assert answer.status_code == 400
    assert "页面已过期" in answer.text


def test_a_script_is_told_what_is_wrong_as_json(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json) == (404, {"error": 404, "message": "没有这个页面"})


def test_an_unforeseen_fault_shows_no_inner_detail(client: FlaskClient) -> None:
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "secret-detail" not in answer.text


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/page").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_the_session_key_is_made_once_and_readable_by_the_gate_alone(tmp_path: Path) -> None:
    key = setup.session_key(tmp_path)
    assert len(key) == 32
    assert setup.session_key(tmp_path) == key
    assert (tmp_path / "keys" / "session.key").stat().st_mode & 0o777 == 0o600


def test_texts_of_people_are_shown_as_text(client: FlaskClient, app: Flask) -> None:
    with app.test_request_context("/"):
        shown = app.jinja_env.globals["say"]("<b>坏</b>", "<script>")
    assert "<b>" not in shown
    assert "&lt;script&gt;" in shown
