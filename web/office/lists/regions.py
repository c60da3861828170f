"""风险地区: the regions of a community, one more, a whole list out of a file."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sync.office.errors import NotFound, Refused
from sync.office.lists import regions as files
from sync.office.lists.regions import RiskRegion
from sync.office.lists.sheet import MOST_BYTES
from web.office.forms import Plain
from web.office.here import communities, office, scope, today, user
from web.office.lists.blueprint import Page, blueprint, community_shown, said
from web.office.lists.forms import NewRegion, RegionsFile


@blueprint.get("/regions")
def regions() -> str:
    return _shown(NewRegion(formdata=None), RegionsFile(formdata=None))


@blueprint.post("/regions")
def add_region() -> Page:
    form = NewRegion()
    if form.validate_on_submit():
        new = RiskRegion(
            form.code.data, form.zh.data, form.en.data or "", form.level.data, form.begins.data, form.ends.data
        )
        if problems := new.problems():
            for name, say in problems.items():
                form[name].errors = [said(say)]
        else:
            office().regions.add(_chosen(everywhere=form.everywhere.data), new, scope(), who=user().login)
            flash(_("已加入并下发：%(name)s", name=new.zh), "good")
            return redirect(_back())
    return _shown(form, RegionsFile(formdata=None)), 422


@blueprint.post("/regions/file")
def regions_file() -> Page:
    """Replaces the whole list."""
    form = RegionsFile()
    if form.validate_on_submit():
        try:
            found = files.read(request.files[form.file.name].read(MOST_BYTES))
        except Refused as error:
            form.file.errors = [str(error)]
        else:
            office().regions.set(_chosen(everywhere=form.everywhere.data), found, scope(), who=user().login)
            flash(_("已换成文件里的 %(count)s 个地区并下发", count=len(found)), "good")
            return redirect(_back())
    return _shown(NewRegion(formdata=None), form), 422


@blueprint.post("/regions/remove")
def remove_region() -> Response:
    community, form = community_shown(), Plain()
    if community is None:
        raise NotFound("there is no community")
    if form.validate_on_submit():
        code, begins = (request.form.get(name, "")[:20] for name in ("code", "from"))
        office().regions.remove(community.id, code, begins, scope(), who=user().login)
        flash(_("已去掉并下发"), "good")
    return redirect(_back())


def _shown(form: NewRegion, file: RegionsFile) -> str:
    community = community_shown()
    rows = office().regions.list(community.id, scope()) if community else ()
    return render_template(
        "office/lists/regions.html",
        community=community, communities=communities(), rows=rows, form=form, file=file, plain=Plain(formdata=None),
        day=today().isoformat(),
    )  # fmt: skip


def _chosen(*, everywhere: bool) -> list[str]:
    shown = community_shown()
    return [unit.id for unit in communities()] if everywhere else [shown.id] if shown else []


def _back() -> str:
    return url_for(".regions", community=request.args.get("community"))
