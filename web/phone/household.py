"""提前报告 on a household's phone: who comes, a short code to give them, what became of it (row C2).

Whoever holds the office's link may announce: its secret stands behind the # of the address, so that no log and no
preview holds it; the page's script hands it in, and from then on a signed cookie names the link for half a day. The
link is looked at again with every request: revoked, it opens nothing.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import DateTimeLocalField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from sync.office.declarations.links import HouseholdLink
from sync.office.declarations.store import MOST_OPEN, ON_PHONE
from sync.office.declarations.wanted import Undeclarable, Wanted
from sync.office.errors import NotFound, Refused
from sync.office.values import EVERYTHING
from web.office.account import limiter
from web.office.forms import Line, Plain
from web.office.here import now, office
from web.setup import language

blueprint = Blueprint("household", __name__, template_folder="templates", url_prefix="/phone")

SECRET = "X-Household-Link"  # noqa: S105 - the name of a header
SESSION = "household"
STAYS_S = 12 * 3600
OPENINGS, CHANGES = "20 per minute", "30 per minute"  # per address and worker
NEEDED = _("此项必填")
KINDS = [
    SelectChoice("visitor", _("有客来访")),
    SelectChoice("return", _("家人返回")),
    SelectChoice("delivery", _("送货上门")),
]

Page = str | AnyResponse | tuple[str, int]


class Announce(FlaskForm):  # type: ignore[misc]
    kind = SelectField(_("什么事"), choices=KINDS)
    name = Line(_("来人姓名"))
    phone = Line(_("来人手机"), 20, needed=False)
    id_number = Line(_("来人证件号码"), 24, needed=False)
    plate = Line(_("车牌"), 12, needed=False)
    begins = DateTimeLocalField(_("从"), [InputRequired(NEEDED)])
    ends = DateTimeLocalField(_("到"), [InputRequired(NEEDED)])
    purpose = Line(_("事由"), 100, needed=False)


@blueprint.get("")
def page() -> str:
    """The empty frame, the same for everybody; its script opens what the address names behind the #."""
    return render_template("phone/household.html")


@blueprint.post("/open")
@limiter.limit(OPENINGS)
def enter() -> Response:
    """Remembers the household whose link's secret stands in the header; 404 for a link that is none or no longer."""
    try:
        link = office().households.open(request.headers.get(SECRET, ""))
    except NotFound:
        session.pop(SESSION, None)
        return Response(status=404)
    session[SESSION] = {"link": link.id, "since": int(now().timestamp())}
    return Response(status=204)


@blueprint.get("/home")
def home() -> Page:
    """What this household announced, newest first."""
    if (link := _link()) is None:
        return _gone()
    rows = office().declarations.of_household(link)
    return render_template("phone/announcements.html", link=link, rows=rows, at=now())


@blueprint.route("/new", methods=["GET", "POST"])
@limiter.limit(CHANGES, methods=["POST"])
def new() -> Page:
    """Announces somebody, and leads to the code for them."""
    if (link := _link()) is None:
        return _gone()
    form, refused = Announce(), ""
    if form.validate_on_submit():
        try:
            made = office().declarations.declare_at_home(link, _wanted(form))
        except Undeclarable as error:
            for problem in error.problems:
                field = form[problem.field if problem.field in form else "name"]
                field.errors = [*field.errors, problem.say.zh if language() == "zh" else problem.say.en]
        except Refused:
            refused = gettext("最多同时报备 %(most)s 项，请先取消一项", most=MOST_OPEN)
        else:
            return redirect(url_for(".one", declaration=made.id))
    elif not form.is_submitted():
        begins = now().astimezone(office().settings.zone).replace(second=0, microsecond=0)
        form.begins.data, form.ends.data = begins, (begins + timedelta(days=1)).replace(hour=22, minute=0)
    content = render_template("phone/announce.html", link=link, form=form, refused=refused)
    return content, 422 if form.is_submitted() else 200


@blueprint.get("/<declaration>")
def one(declaration: str) -> Page:
    """The short code, large, with its symbol; how long it is good, and what became of it."""
    if (link := _link()) is None:
        return _gone()
    found = office().declarations.own(declaration, link)
    return render_template("phone/announced.html", link=link, row=found, at=now(), plain=Plain())


@blueprint.post("/<declaration>/cancel")
@limiter.limit(CHANGES)
def cancel(declaration: str) -> Page:
    if (link := _link()) is None:
        return _gone()
    if not Plain().validate_on_submit():
        abort(400)
    office().declarations.cancel(office().declarations.own(declaration, link), who=ON_PHONE)
    return redirect(url_for(".one", declaration=declaration))


def _link() -> HouseholdLink | None:
    """The household's link of this session, as long as it is good."""
    said = session.get(SESSION)
    if said is None or now().timestamp() - said["since"] > STAYS_S:
        return None
    try:
        found = office().households.get(said["link"], EVERYTHING)
    except NotFound:
        return None
    return found if found.good(now()) else None


def _gone() -> tuple[str, int]:
    session.pop(SESSION, None)
    return render_template("phone/gone.html"), 403


def _wanted(form: Announce) -> Wanted:
    zone = office().settings.zone
    begins, ends = (field.data.replace(tzinfo=zone) for field in (form.begins, form.ends))
    words = {name: form[name].data or "" for name in ("id_number", "phone", "plate", "purpose")}
    return Wanted(form.kind.data, form.name.data, begins, ends, **words)
