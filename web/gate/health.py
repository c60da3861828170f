"""The health page: how cameras, readers and thermometers are doing, and what the gate lives on."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.serving import gate, utc_now


def register(blueprint: Blueprint) -> None:
    """Add the page and the part of it that it asks for again and again."""
    blueprint.add_url_rule("/health", endpoint="health_page", view_func=page)
    blueprint.add_url_rule("/health/now", endpoint="health_now", view_func=now)


def page() -> str:
    return render_template("gate/health.html", health=gate().health(), now=utc_now())


def now() -> str:
    """What the page shows at this moment, a piece of HTML."""
    return render_template("gate/_health.html", health=gate().health(), now=utc_now())
