"""下发包: what is published to a community, until when it holds, and which gate has which version."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from flask import Blueprint, render_template, request

from sync.office.values import Published
from web.office.here import communities, office, scope

blueprint = Blueprint("bundle", __name__, url_prefix="/bundle")

SHOWN = 30  # of the latest versions


@blueprint.get("")
def page() -> str:
    """The bundle of `?community=`, else of the first one."""
    wish = request.args.get("community")
    community = office().units.get(wish, scope()) if wish else next(iter(communities()), None)
    versions = office().publish.versions(community.id) if community else ()
    return render_template(
        "office/bundle.html",
        community=community,
        communities=communities(),
        versions=versions,
        history=changes(versions)[:SHOWN],
        gates=[gate for gate in office().gates.list(scope()) if community and gate.community == community.id],
    )


def changes(versions: Sequence[Published]) -> list[tuple[Published, list[str]]]:
    """Each version, newest first, with the names of the sections that differ from the version before it."""
    if not versions:
        return []
    pairs = [(newer, _differing(newer, older)) for newer, older in pairwise(versions)]
    return [*pairs, (versions[-1], list(versions[-1].sections))]


def _differing(newer: Published, older: Published) -> list[str]:
    return [name for name, sha256 in newer.sections.items() if older.sections.get(name) != sha256]
