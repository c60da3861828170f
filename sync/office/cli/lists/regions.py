"""regions set | list: risk regions by GB/T 2260 code (rows C3, G3)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync.office.cli import files
from sync.office.cli.common import WHO, AsJson, CommunityId, Url, Var, community, opened, show
from sync.office.lists import regions
from sync.office.lists.sheet import MOST_BYTES
from sync.office.values import EVERYTHING

app = typer.Typer(help="Risk regions that the gates ask about.", no_args_is_help=True)


@app.command("set")
def set_all(
    file: Annotated[Path, typer.Argument(help="CSV with 代码, 名称, 等级, 开始, 截止; or JSON.")],
    in_community: CommunityId = None,
    url: Url = None,
    var: Var = None,
    as_json: AsJson = False,
) -> None:
    """Replace the risk regions by those of a file, in every community unless told which, and hand them down.

    Example: python -m sync.office regions set regions.csv
    """
    found = regions.read(files.load(file, MOST_BYTES))
    with opened(url, var) as office:
        units = [community(office, in_community)] if in_community else office.units.communities(EVERYTHING)
        office.regions.set([unit.id for unit in units], found, EVERYTHING, who=WHO)
    said = {"regions": len(found), "communities": [unit.name for unit in units]}
    show(said, as_json=as_json, line="{regions} regions handed down to {communities}")


@app.command("list")
def list_all(in_community: CommunityId = None, url: Url = None, var: Var = None, as_json: AsJson = False) -> None:
    """The risk regions of a community, by code.

    Example: python -m sync.office regions list --community 幸福社区
    """
    with opened(url, var) as office:
        rows = [
            {"code": row["code"], "zh": row["name"]["zh"], "en": row["name"].get("en", ""),
             "level": row.get("level", ""), "from": row.get("from"), "until": row.get("until")}
            for row in office.regions.list(community(office, in_community).id, EVERYTHING)
        ]  # fmt: skip
    show(rows, as_json=as_json, line="{code}  {zh}  {level}  {from} to {until}")
