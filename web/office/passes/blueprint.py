"""The blueprint that the pages about passes share, and what they have in common."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from sync.office.errors import Problem
from web.office.forms import TicketForm
from web.setup import language

blueprint = Blueprint("passes", __name__, url_prefix="/passes")

Page = str | Response | tuple[str, int]
REMEMBERED = 20  # tickets of forms that were used up
MOST_UPLOAD = 8 * 1024 * 1024  # more than a list may have, so that a page of ours can say so


@blueprint.url_value_preprocessor
def welcome_lists(endpoint: str | None, _values: Any) -> None:
    """Let somebody who is signed in send a list; nobody else may send so much."""
    if endpoint == "passes.bulk" and current_user.is_authenticated:
        request.max_content_length = MOST_UPLOAD


def first(form: TicketForm) -> bool:
    """Whether this form was not sent before: reloading the page that it led to must not issue a second pass."""
    ticket, used = form.ticket.data or "", session.get("tickets", [])
    if not ticket or ticket in used:
        return False
    session["tickets"] = [*used, ticket][-REMEMBERED:]
    return True


def new_ticket(form: TicketForm) -> None:
    form.ticket.data = secrets.token_hex(8)


def put_problems(form: Any, problems: Iterable[Problem]) -> None:
    """Each problem at its field, in the reader's language."""
    for problem in problems:
        field = form[problem.field if problem.field in form else "name"]
        said = problem.say.zh if language() == "zh" else problem.say.en
        field.errors = [*field.errors, said]
