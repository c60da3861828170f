"""审计: who did what to what, when."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web.office.filters import page_number
from web.office.here import office, scope
from web.office.sessions import admins_only

blueprint = Blueprint("audit", __name__, url_prefix="/audit")


@blueprint.get("")
@admins_only
def page() -> str:
    rows = office().audit.page(scope(), page_number(request.args.get("page")))
    return render_template("office/audit.html", rows=rows)
