"""Changing a draft: tier, limits, rules on and off, one rule as a sentence, the whole as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kiosk.errors import PolicyError
from sync.office.errors import NotFound, Refused
from sync.office.policy import checks, sentence, spoken, upload
from sync.office.policy.values import Version, digest_of
from web.office import policy_forms as forms
from web.office import policy_show as shown
from web.office.forms import Plain
from web.office.here import office, scope, user
from web.office.policy import larger

blueprint = Blueprint("policy_edit", __name__, url_prefix="/policy/<version_id>")
blueprint.url_value_preprocessor(larger)

NEW = "new"
EMPTY_RULE: Mapping[str, Any] = {
    "id": "",
    "tiers": [0, 1, 2, 3],
    "when": {"var": "code.presented"},
    "verdict": "check",
    "say": {"zh": "", "en": ""},
    "do": [],
    "source": "",
    "enabled": True,
}

Page = str | Response | tuple[str, int]
Document = dict[str, Any]


@blueprint.post("/tier")
def tier(version_id: str) -> Page:
    """Asks once more, then sets the tier."""
    version, wish = office().policies.get(version_id, scope()), request.form.get("tier", "")
    if wish not in ("0", "1", "2", "3"):
        return _back(version_id)
    if "confirmed" not in request.form:
        return render_template("office/policy_tier.html", wish=int(wish), plain=Plain(), **shown.page(version))
    _change(version_id, lambda document: {**document, "tier": int(wish)}, "tier")
    flash(_("疫情等级已改为 %(tier)s", tier=wish), "good")
    return _back(version_id)


@blueprint.post("/limits")
def limits(version_id: str) -> Page:
    """Sets the limits. With one out of its range nothing is changed, and what was typed stays."""
    version = office().policies.get(version_id, scope())
    typed = {
        name: forms.number(request.form[f"limit.{name}"]) for name in _names(version) if f"limit.{name}" in request.form
    }
    wish = {**version.document, "limits": {**version.document.get("limits", {}), **typed}}
    problems = checks.problems(wish)
    if any(checks.at(f"limits.{name}", problems) for name in typed):
        return _version_page(version, wish, problems), 422
    _change(version_id, lambda document: {**document, "limits": {**document.get("limits", {}), **typed}}, "limits")
    flash(_("界限已保存"), "good")
    return _back(version_id, "limits")


@blueprint.post("/rules")
def switches(version_id: str) -> Page:
    """Which rules are on, and at which tiers."""
    form = request.form

    def change(document: Document) -> Document:
        rows = [dict(row) for row in document.get("rule", [])]
        for row in rows:
            name = str(row.get("id"))
            if f"shown.{name}" in form:
                row["enabled"] = f"on.{name}" in form
                row["tiers"] = [int(tier) for tier in form.getlist(f"tiers.{name}") if tier.isdigit()] or row["tiers"]
        return {**document, "rule": rows}

    _change(version_id, change, "rules")
    flash(_("规则的开关与等级已保存"), "good")
    return _back(version_id, "rules")


@blueprint.get("/rules/<number>")
def rule(version_id: str, number: str) -> Page:
    version = office().policies.get(version_id, scope())
    row = _row(version.document, number)
    return _editor(version, number, row, sentence.read(row.get("when"), spoken.dictionary(version.document)))


@blueprint.post("/rules/<number>")
def save_rule(version_id: str, number: str) -> Page:
    """One more part, one less, or all of it saved; what is wrong is said at its place and nothing typed is lost."""
    version = office().policies.get(version_id, scope())
    old, dictionary = _row(version.document, number), spoken.dictionary(version.document)
    said = forms.edited(forms.sentence(request.form, dictionary), request.form.get("edit", ""))
    try:
        row = forms.rule(request.form, old, sentence.build(said, dictionary))
    except sentence.Unsaid as unsaid:
        row, saving = forms.rule(request.form, old, old.get("when")), "edit" not in request.form
        told = {place: shown.told(say) for place, say in unsaid.problems.items()} if saving else {}
        return _editor(version, number, row, said, unsaid=told), 422 if saving else 200
    if "edit" in request.form:
        return _editor(version, number, row, said)
    index = len(version.document.get("rule", [])) if number == NEW else int(number)
    problems = checks.at(f"rule[{index}]", checks.problems(_with(dict(version.document), number, row)))
    problems += _taken(version.document, index, row["id"])
    if problems:
        return _editor(version, number, row, said, problems=problems), 422
    before = request.form.get("before", "")

    def change(document: Document) -> Document:
        if number != NEW and digest_of(_row(document, number)) != before:
            raise Refused("this rule was changed by somebody else meanwhile")
        return _with(document, number, row)

    try:
        _change(version_id, change, f"rule {row['id']}")
    except Refused:
        return _editor(version, number, row, said, problems=[_("这条规则刚被别人改过，请核对后再保存")]), 422
    flash(_("规则 %(name)s 已保存", name=row["id"]), "good")
    return _back(version_id, "rules")


@blueprint.route("/rules/<number>/remove", methods=["GET", "POST"])
def remove(version_id: str, number: str) -> Page:
    """Asks once more, then takes a rule out of the draft."""
    version = office().policies.get(version_id, scope())
    row = _row(version.document, number)
    if Plain().validate_on_submit():
        before = request.form.get("before", "")

        def change(document: Document) -> Document:
            if digest_of(_row(document, number)) != before:
                raise Refused("this rule was changed by somebody else meanwhile")
            rest = [one for index, one in enumerate(document["rule"]) if str(index) != number]
            return {**document, "rule": rest}

        _change(version_id, change, f"rule {row.get('id')} removed")
        flash(_("规则 %(name)s 已删除", name=row.get("id")), "good")
        return _back(version_id, "rules")
    said = shown.told(spoken.condition(row.get("when"), version.document))
    more = {"row": row, "said": said, "before": digest_of(row), "number": number}
    return render_template("office/policy_remove.html", plain=Plain(), **more, **shown.page(version))


@blueprint.route("/text", methods=["GET", "POST"])
def text(version_id: str) -> Page:
    """The whole document as JSON, for what has no form of its own."""
    version = office().policies.get(version_id, scope())
    if not Plain().validate_on_submit():
        return _text_page(version, json.dumps(version.document, ensure_ascii=False, indent=2), [])
    typed = request.form.get("text", "")
    try:
        document = upload.document(typed)
    except PolicyError as error:
        return _text_page(version, typed, error.problems), 422
    if request.form.get("before") != version.digest:
        return _text_page(version, typed, [_("这份草稿刚被别人改过：请先把您的文本另存，再打开最新的草稿")]), 422
    problems = checks.problems({**document, "version": version.number})
    if problems and "anyway" not in request.form:
        return _text_page(version, typed, problems), 422
    _change(version_id, lambda _document: document, "text")
    flash(_("已保存"), "good")
    return _back(version_id)


def _text_page(version: Version, typed: str, problems: list[str]) -> str:
    return render_template(
        "office/policy_text.html", typed=typed, plain=Plain(), **shown.page(version, problems=problems)
    )


def _editor(
    version: Version,
    number: str,
    row: Mapping[str, Any],
    said: sentence.Group,
    *,
    problems: list[str] | None = None,
    unsaid: Mapping[str, str] | None = None,
) -> str:
    found = problems or []
    old = _row(version.document, number)
    return render_template(
        "office/policy_rule.html",
        number=number,
        row=row,
        sentence=said,
        said=shown.told(spoken.condition(row.get("when"), version.document)),
        unsaid=unsaid or {},
        before=request.form.get("before") or digest_of(old),
        plain=Plain(),
        **{**shown.page(version, problems=found), "problems_at": lambda place: checks.at(place, found)},
        **shown.choices(version.document),
    )


def _version_page(version: Version, wish: Document, problems: list[str]) -> str:
    """The version's page with what was typed in place of what is kept."""
    more = {"submit": forms.Submit(formdata=None), "reject": forms.Reason(formdata=None), "plain": Plain()}
    page = {**shown.page(version, problems=problems), "limits": shown.limits(wish), "mine": False, "trial": None}
    return render_template("office/policy_version.html", **more, **page)


def _names(version: Version) -> list[str]:
    found = version.document.get("limits")
    return list(found) if isinstance(found, Mapping) else []


def _row(document: Mapping[str, Any], number: str) -> Mapping[str, Any]:
    """The rule under this number. Raises NotFound."""
    if number == NEW:
        return EMPTY_RULE
    rows = document.get("rule")
    if not number.isascii() or not number.isdigit() or not isinstance(rows, list) or int(number) >= len(rows):
        raise NotFound(f"no rule {number}")
    row = rows[int(number)]
    return row if isinstance(row, Mapping) else EMPTY_RULE


def _taken(document: Mapping[str, Any], index: int, name: str) -> list[str]:
    """The problem of a name that another rule has: the policy's own checks blame whichever comes second."""
    others = [one.get("id") for place, one in enumerate(document.get("rule", [])) if place != index]
    return [f"id: {name!r} is taken already"] if name in others else []


def _with(document: Document, number: str, row: Mapping[str, Any]) -> Document:
    rows = list(document.get("rule", []))
    if number == NEW:
        return {**document, "rule": [*rows, row]}
    return {**document, "rule": [*rows[: int(number)], row, *rows[int(number) + 1 :]]}


def _change(version_id: str, change: Any, what: str) -> Version:
    return office().policies.change(version_id, change, scope(), who=user().login, what=what)


def _back(version_id: str, anchor: str | None = None) -> Response:
    return redirect(url_for("policy.one", version_id=version_id, _anchor=anchor))
