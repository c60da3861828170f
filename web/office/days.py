"""逐日核对: each gate on each day, complete or not; one day with all that is known, to print and to give out."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sync.office import proof
from sync.office.days.rows import each
from sync.office.days.states import NONE, STATES, GateDay
from sync.office.days.store import day_from
from sync.office.values import EntryFilter, Gate
from web.office.filters import page_number
from web.office.forms import Plain
from web.office.here import communities, office, scope, today, user

blueprint = Blueprint("days", __name__, url_prefix="/days")

SPANS = (7, 14, 31)
KINDS = ("late", "away", "held", "parked")


@blueprint.get("")
def page() -> str:
    """The table: `?until=` its last day, `?span=` how many, `?community=` and `?state=` which gates."""
    until, span = _until(), _span()
    days = tuple(each(until - timedelta(days=span - 1), until))
    community, state = request.args.get("community", ""), request.args.get("state", "")
    gates = tuple(gate for gate in office().gates.list(scope()) if community in ("", gate.community))
    table = office().days.table(gates, days[0], days[-1])
    shown = [(gate, table[gate.id]) for gate in gates if state in ("", *(day.state for day in table[gate.id]))]
    return render_template(
        "office/days.html",
        days=days,
        span=span,
        lines=shown,
        counts=Counter(day.state for line in table.values() for day in line if day.state != NONE),
        states=STATES,
        spans=SPANS,
        chosen={"community": community, "state": state},
        communities=communities(),
        walk=_walk(until, span),
    )


@blueprint.get("/<gate_id>/<day>")
def show(gate_id: str, day: str) -> str:
    return _day_page(*_wanted(gate_id, day))


@blueprint.post("/<gate_id>/<day>/verify")
def verify(gate_id: str, day: str) -> str:
    """The same page with the day checked again from what is stored."""
    gate, wanted = _wanted(gate_id, day)
    return _day_page(gate, wanted, proof.check(office(), gate, wanted))


@blueprint.post("/<gate_id>/<day>/proof.zip")
def give_out(gate_id: str, day: str) -> AnyResponse:
    """What an outsider checks: no personal data is in it."""
    gate, wanted = _wanted(gate_id, day)
    content = proof.export(office(), gate, wanted, who=user().login)
    named = {"Content-Disposition": f'attachment; filename="proof-{wanted:%Y%m%d}-{gate.id[-6:]}.zip"'}
    return Response(content, mimetype="application/zip", headers=named)


@blueprint.get("/<gate_id>/<day>/events")
def events(gate_id: str, day: str) -> str:
    """The events behind a figure: `?which=` late, away, held, parked, a kind, or all of the day."""
    gate, wanted = _wanted(gate_id, day)
    which = request.args.get("which", "")[:64]
    rows = office().days.events(gate, wanted, which, page_number(request.args.get("page")))
    return render_template("office/day_events.html", gate=gate, day=wanted, which=which, rows=rows, kinds=KINDS)


def _day_page(gate: Gate, day: date, checks: tuple[proof.DayCheck, ...] | None = None) -> str:
    found = office().days.one(gate, day)
    return render_template(
        "office/day.html",
        gate=gate,
        day=day,
        found=found,
        contacts=office().days.contacts(gate, day),
        passages=EntryFilter(day=day, gate=gate.id, kind="passage", demo=False),
        office_key=base64.b64encode(office().office_key).decode(),
        symbol=_symbol(found),
        checks=checks,
        plain=Plain(),
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < today() else None,
    )


def _symbol(found: GateDay) -> str | None:
    """What the report's symbol says: the countersigned statement, for comparing it without typing."""
    if (close := found.close) is None:
        return None
    said: Mapping[str, Any] = {
        "gate": found.gate,
        "day": found.day.isoformat(),
        "journal": close.journal,
        "seq": close.seq,
        "digest": close.digest,
        "signature": close.signature,
    }
    return "gatehouse:day?" + urlencode(said)


def _wanted(gate_id: str, day: str) -> tuple[Gate, date]:
    """Raises NotFound."""
    return office().gates.get(gate_id, scope()), day_from(day)


def _until() -> date:
    try:
        return min(date.fromisoformat(request.args.get("until") or today().isoformat()), today())
    except ValueError:
        abort(422)


def _span() -> int:
    text = request.args.get("span", "7")
    return int(text) if text in map(str, SPANS) else abort(422)


def _walk(until: date, span: int) -> dict[str, date | None]:
    """The last day of the table before this one and of the one after."""
    step = timedelta(days=span)
    return {"before": until - step, "after": min(until + step, today()) if until < today() else None}
