"""防控策略: what is in force, drafts on their way from one person to another, versions and their differences."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from kiosk.errors import PolicyError
from kiosk.screening import policy
from sync.office.errors import NotFound, Refused
from sync.office.policy import checks, difference, upload
from sync.office.policy.values import OPEN, State, Version, name_of
from sync.office.second_person import SamePerson
from sync.office.values import Unit
from web.office import policy_show as shown
from web.office.forms import Plain
from web.office.here import communities, now, office, scope, user
from web.office.policy_forms import Approve, Reason, Submit

blueprint = Blueprint("policy", __name__, url_prefix="/policy")

LARGEST = 1024 * 1024  # bytes of an upload
HISTORY = 50

Page = str | AnyResponse | tuple[str, int]


def larger(_endpoint: str | None, _values: Any) -> None:
    """A policy may be longer than what the other pages take."""
    request.max_content_length = LARGEST


blueprint.url_value_preprocessor(larger)


@blueprint.get("")
def page() -> str:
    """A community's policy in force, its drafts, its history."""
    return _overview()


@blueprint.post("/new")
def new() -> Page:
    """A draft out of the policy in force, of a version, of the shipped policy, or of a file."""
    community = request.form.get("community", "")
    source, file = request.form.get("source", "current"), request.files.get("file")
    try:
        document, based_on = _beginning(community, source, file.read() if file else b"", file.filename if file else "")
        made = office().policies.start(community, document, based_on, scope(), who=user().login)
    except PolicyError as error:
        return _overview(community, problems=error.problems), 422
    flash(_("已建立草稿 %(name)s", name=made.name), "good")
    return redirect(url_for(".one", version_id=made.id))


@blueprint.get("/<version_id>")
def one(version_id: str) -> str:
    return _version(version_id)


@blueprint.get("/<version_id>/export")
def export(version_id: str) -> AnyResponse:
    """The version as a file that can be uploaded again."""
    found = office().policies.get(version_id, scope())
    text = json.dumps(found.document, ensure_ascii=False, indent=2) + "\n"
    answer = Response(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.name.replace("@", "-")}.json"'
    return answer


@blueprint.post("/<version_id>/submit")
def submit(version_id: str) -> Page:
    form = Submit()
    if not form.validate_on_submit():
        return _version(version_id, submit=form), 422
    try:
        done = office().approval.submit(version_id, form.note.data, scope(), who=user().login)
    except PolicyError:
        flash(_("策略还有问题，改好后才能提交"), "error")
        return _version(version_id, submit=form), 422
    flash(_("%(name)s 已提交，请另一位同事批准", name=done.name), "good")
    return redirect(url_for(".one", version_id=version_id))


@blueprint.post("/<version_id>/withdraw")
def withdraw(version_id: str) -> Page:
    office().approval.withdraw(version_id, scope(), who=user().login)
    flash(_("已撤回，又成为草稿"), "good")
    return redirect(url_for(".one", version_id=version_id))


@blueprint.post("/<version_id>/discard")
def discard(version_id: str) -> Page:
    gone = office().policies.discard(version_id, scope(), who=user().login)
    flash(_("草稿 %(name)s 已放弃，仍可在历史中查看", name=gone.name), "good")
    return redirect(url_for(".page", community=gone.community))


@blueprint.post("/<version_id>/approve")
def approve(version_id: str) -> Page:
    form = Approve()
    try:
        office().approval.approve(version_id, form.digest.data or "", scope(), who=user().login)
    except SamePerson:
        flash(_("不能批准自己提交的策略，请另一位同事批准"), "error")
        return _version(version_id), 422
    except PolicyError:
        flash(_("策略还有问题，不能批准"), "error")
        return _version(version_id), 422
    flash(_("已批准，可以发布"), "good")
    return redirect(url_for(".one", version_id=version_id))


@blueprint.post("/<version_id>/reject")
def reject(version_id: str) -> Page:
    form = Reason()
    if not form.validate_on_submit():
        return _version(version_id, reject=form), 422
    office().approval.reject(version_id, form.reason.data, scope(), who=user().login)
    flash(_("已退回"), "good")
    return redirect(url_for(".one", version_id=version_id))


@blueprint.route("/<version_id>/publish", methods=["GET", "POST"])
def publish(version_id: str) -> Page:
    """Asks once more and for the time, then hands the policy down."""
    wrong = ""
    if Plain().validate_on_submit():
        try:
            at = _moment(request.form.get("when", "now"), request.form.get("at", ""))
            done = office().approval.publish(version_id, scope(), who=user().login, at=at)
        except PolicyError as error:
            wrong = "\n".join(error.problems)
        except (Refused, ValueError) as error:
            wrong = _("请给出将来 90 天内的时间") if request.form.get("when") == "later" else str(error)
        else:
            flash(_("%(name)s 已发布，随下一次同步到达门岗", name=done.name), "good")
            return redirect(url_for(".page", community=done.community))
    found = office().policies.get(version_id, scope())
    if found.state is not State.APPROVED:
        return redirect(url_for(".one", version_id=version_id))
    return render_template(
        "office/policy_publish.html", wrong=wrong, plain=Plain(), **shown.page(found)
    ), 422 if wrong else 200


@blueprint.route("/<version_id>/call-off", methods=["GET", "POST"])
def call_off(version_id: str) -> Page:
    """Asks why, then takes an announced policy back."""
    form = Reason()
    if form.validate_on_submit():
        gone = office().approval.call_off(version_id, form.reason.data, scope(), who=user().login)
        flash(_("预告的 %(name)s 已撤销", name=gone.name), "good")
        return redirect(url_for(".page", community=gone.community))
    found = office().policies.get(version_id, scope())
    content = render_template("office/policy_call_off.html", form=form, **shown.page(found))
    return content, 422 if form.is_submitted() else 200


@blueprint.get("/compare")
def compare() -> str:
    """What differs between two versions (`old`, `new`: ids, or `current`) of `community`, in words."""
    unit = office().units.get(request.args.get("community", ""), scope())
    force = office().policies.in_force(unit.id, scope())
    versions = office().policies.list(unit.id, scope())
    documents: dict[str, Any] = {"current": force.current, **{version.id: version.document for version in versions}}
    old, new = request.args.get("old", "current"), request.args.get("new", "current")
    if old not in documents or new not in documents:
        raise NotFound("no such version")
    return render_template(
        "office/policy_compare.html",
        community=unit,
        versions=versions,
        force=force,
        old=old,
        new=new,
        pair=[name_of(documents[old]), name_of(documents[new])],
        differences=difference.between(documents[old], documents[new]),
        **shown.words(),
    )


def _overview(wish: str | None = None, *, problems: list[str] | None = None) -> str:
    unit = _community(wish or request.args.get("community"))
    versions = office().policies.list(unit.id, scope()) if unit else ()
    return render_template(
        "office/policy.html",
        community=unit,
        communities=communities(),
        force=office().policies.in_force(unit.id, scope()) if unit else None,
        drafts=[version for version in versions if version.state in OPEN],
        history=[version for version in versions if version.state not in OPEN][:HISTORY],
        problems=problems or [],
        plain=Plain(),
        **shown.words(),
    )


def _version(version_id: str, **forms: Any) -> str:
    found = office().policies.get(version_id, scope())
    last = office().trials.latest(version_id, scope())
    given = {"submit": Submit(formdata=None), "reject": Reason(formdata=None), **forms}
    mine = found.submitted_by == user().login
    return render_template(
        "office/policy_version.html", plain=Plain(), trial=last, mine=mine, **given, **shown.page(found)
    )


def _community(wish: str | None) -> Unit | None:
    return office().units.get(wish, scope()) if wish else next(iter(communities()), None)


def _beginning(community: str, source: str, content: bytes, name: str | None) -> tuple[dict[str, Any], str]:
    """The document a draft begins with, and what it is based on. Raises PolicyError for a file that is no policy."""
    if source == "file":
        document = upload.document(content)
        if problems := checks.problems({"version": 1, **document}):
            raise PolicyError(problems)
        return document, (name or "")[:100]
    if source == "shipped":
        return policy.default().to_document(), policy.default().name
    if source == "current":
        current = office().policies.in_force(community, scope()).current
        return dict(current), name_of(current)
    old: Version = office().policies.get(source, scope())
    return dict(old.document), old.name


def _moment(when: str, text: str) -> datetime | None:
    """The office's own time that was typed, None for at once. Raises ValueError."""
    if when != "later":
        return None
    at = datetime.fromisoformat(text).replace(tzinfo=office().settings.zone)
    if at <= now():
        raise ValueError("past")
    return at
