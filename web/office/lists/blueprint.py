"""The blueprint that the pages about lists share, and what they have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from kiosk.model import Saying
from sync.office.errors import Problem
from sync.office.lists.sheet import MOST_BYTES
from sync.office.values import Unit
from web.office.here import communities, office, scope
from web.setup import language

blueprint = Blueprint("lists", __name__, url_prefix="/lists")

Page = str | Response | tuple[str, int]
OVERHEAD = 256 * 1024  # the form around a file
UPLOADS = {"lists.read_in", "lists.regions_file"}


@blueprint.url_value_preprocessor
def welcome_lists(endpoint: str | None, _values: Any) -> None:
    """Let somebody who is signed in send a list; nobody else may send so much."""
    if endpoint in UPLOADS and current_user.is_authenticated:
        request.max_content_length = MOST_BYTES + OVERHEAD


def said(say: Saying) -> str:
    """In the reader's language."""
    return say.zh if language() == "zh" else say.en


def put_problems(form: Any, problems: Iterable[Problem]) -> None:
    """Each problem at its field."""
    for problem in problems:
        field = form[problem.field if problem.field in form else "name"]
        field.errors = [*field.errors, said(problem.say)]


def community_shown() -> Unit | None:
    """The community of `?community=`, else the first one. Raises NotFound for one outside the branch."""
    wish = request.args.get("community")
    return office().units.get(wish, scope()) if wish else next(iter(communities()), None)
