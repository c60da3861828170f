"""python -m sync.office policy …, from a file to the gates and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.screening import policy
from tests.sync.office.test_cli import Run, json_of, run, var  # noqa: F401  # fixtures of the commands' tests


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """A file with a policy of the street's own."""
    path = tmp_path / "street.json"
    path.write_text(json.dumps({**policy.default().to_document(), "id": "street", "tier": 2}), encoding="utf-8")
    return path


def test_a_file_goes_all_the_way_to_the_gates_and_back(run: Run, street: Path) -> None:  # noqa: F811
    run("init", "--json")
    made = json_of(run("policy", "draft", str(street), "--json"))
    assert (made["name"], made["state"], made["tier"]) == ("street@2", "draft", 2)

    run("policy", "submit", "2", "--note", "提高到二级")
    assert "somebody else" in run("policy", "approve", "2", code=2).stderr
    run("policy", "approve", "2", "--sole")
    run("policy", "publish", "2")

    assert json_of(run("policy", "show", "--json"))[0]["name"] == "street@2"
    assert json.loads(run("policy", "export").stdout)["tier"] == 2
    (row,) = json_of(run("policy", "history", "--json"))
    assert (row["submitted_by"], row["decided_by"], row["note"]) == ("cli", "cli", "提高到二级")
    assert json_of(run("policy", "diff", "current", "2", "--json")) == []
    assert json_of(run("policy", "rollback", "2", "--json"))["name"] == "street@3"


def test_a_policy_is_announced_and_called_off(run: Run, street: Path) -> None:  # noqa: F811
    run("init", "--json")
    run("policy", "draft", str(street))
    run("policy", "submit", "2", "--note", "试")
    run("policy", "withdraw", "2")
    run("policy", "submit", "2", "--note", "试")
    run("policy", "reject", "2", "--why", "再想想")
    run("policy", "submit", "2", "--note", "试")
    run("policy", "approve", "2", "--sole")

    assert "time" in run("policy", "publish", "2", "--at", "soon", code=2).stderr
    assert "time to come" in run("policy", "publish", "2", "--at", "2020-01-01T00:00", code=2).stderr


def test_a_file_is_checked_without_an_office(run: Run, street: Path) -> None:  # noqa: F811
    assert "can be handed down" in run("policy", "check", str(street)).stdout
    street.write_text('{"id": "street", "version": 1, "rule": [{"id": "x", "when": {"var": "y"}}]}', encoding="utf-8")

    found = json_of(run("policy", "check", str(street), "--json", code=1))

    assert "rule[0].when.var: unknown fact 'y'; docs/facts.md names them all" in [row["problem"] for row in found]


def test_a_file_is_tried_on_the_past(run: Run, street: Path) -> None:  # noqa: F811
    run("init", "--json")

    done = run("policy", "try", "--draft", str(street), "--days", "7", "--json")

    assert json_of(done)["passages"] == 0
    assert "0 of 0 verdicts change" in run("policy", "try", "--draft", str(street)).stdout
