"""A pass on its holder's phone. The page itself says nothing; its script shows the secret behind the # of the address
and gets the pass, so that neither a log nor a preview of the link ever holds either."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from sync.office.errors import NotFound
from web.office.here import office

blueprint = Blueprint("phone", __name__, template_folder="templates", url_prefix="/my-pass")
SECRET = "X-Pass-Link"  # noqa: S105 - the name of a header


@blueprint.get("")
def page() -> str:
    """The empty frame, the same for everybody."""
    return render_template("phone/pass.html")


@blueprint.get("/shown")
def shown() -> str | Response:
    """The pass of the link whose secret stands in the header; 404 for a link that is none or no longer."""
    try:
        issued = office().links.open(request.headers.get(SECRET, ""))
    except NotFound:
        return Response(status=404)
    return render_template("phone/shown.html", issued=issued)
