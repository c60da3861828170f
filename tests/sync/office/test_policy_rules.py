"""policy rules: a country's published acceptance rules, out of a folder into a draft."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.model import Verdict
from kiosk.screening import policy
from sync.office.errors import Refused
from sync.office.policy import published
from sync.office.policy.published import Published
from sync.office.trust.files import File
from tests.kiosk.screening.published import KNOWN_DISEASE, VALUE_SETS, rule
from tests.sync.office.test_cli import Run, json_of, run, var  # noqa: F401  # fixtures of the commands' tests

DISEASE = {  # a value set as the EU publishes it
    "valueSetId": "disease-agent-targeted",
    "valueSetDate": "2021-04-27",
    "valueSetValues": {"840539006": {"display": "COVID-19", "lang": "en", "active": True}},
}


def found(*documents: Any, country: str = "DE") -> Published:
    files = [File("rule.json", json.dumps(each).encode(), f"{n}/rule.json") for n, each in enumerate(documents)]
    return published.read(files, country)


def named(given: Published) -> list[str]:
    return [" ".join(name) for name in given.rules]


def test_rules_and_value_sets_are_told_apart_however_they_are_put_in_files() -> None:
    lists = [rule("TR-DE-0002"), rule("TR-DE-0003")]
    given = found(rule(), lists, DISEASE, {"covid-19-lab-result": ["260415000"]}, {"payload": {}, "expected": True})
    assert named(given) == ["TR-DE-0001 1.0.0", "TR-DE-0002 1.0.0", "TR-DE-0003 1.0.0"]
    assert given.value_sets == {**VALUE_SETS, "covid-19-lab-result": ["260415000"]}
    assert given.left_out == ("4/rule.json: neither rules nor value sets",)
    assert found(rule(), [DISEASE]).value_sets == VALUE_SETS


def test_only_rules_that_can_count_here_are_taken() -> None:
    elsewhere = rule("IR-AT-0001", Type="Invalidation", Country="AT")
    given = found(rule(), rule("TR-AT-0001", Country="AT"), elsewhere)
    assert named(given) == ["TR-DE-0001 1.0.0", "IR-AT-0001 1.0.0"]
    assert given.left_out == ("1/rule.json: of another country",)


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ([rule(), rule("TR-DE-0002", ValidTo=...)], r"1/rule\.json: ValidTo: must be a time"),
        ([rule(), [rule("TR-DE-0002", logic={"nonsense": []})]], r"1/rule\.json\[0\]: Logic"),
        ([rule(), rule(logic=KNOWN_DISEASE)], r"1/rule\.json: TR-DE-0001 1\.0\.0 is there twice"),
        ([rule(Country="AT"), DISEASE], "no acceptance rule of DE in these files"),
        ([], "no acceptance rule of DE in these files"),
    ],
)
def test_a_rule_that_cannot_be_used_refuses_all_and_is_named(documents: list[Any], said: str) -> None:
    with pytest.raises(Refused, match="(?s)nothing was changed.*" + said):
        found(*documents)


def test_a_file_called_json_that_is_none_is_refused_and_others_are_left_out() -> None:
    files = [File("rule.json", json.dumps(rule()).encode()), File("LICENSE", b"Apache")]
    assert published.read(files, "DE").left_out[0].startswith("LICENSE: not JSON")
    with pytest.raises(Refused, match=r"broken\.json: not JSON"):
        published.read([*files, File("broken.json", b"{")], "DE")


def test_a_second_import_keeps_for_whom_the_rules_are_and_what_becomes_of_the_others() -> None:
    shipped = policy.default().to_document()
    first = published.merged(shipped, found(rule(), DISEASE), Verdict.REFUSE, replaces=False)
    first["acceptance"]["when"] = {"===": [{"var": "direction"}, "in"]}
    newer = rule(Version="1.0.1")

    added = published.merged(first, found(newer), None, replaces=False)
    changes = published.between(first, added, "DE")
    assert (changes.new, changes.changed, changes.gone, changes.same) == (("TR-DE-0001 1.0.1",), (), (), 1)
    assert (added["acceptance"]["verdict"], added["acceptance"]["when"]) == ("refuse", first["acceptance"]["when"])

    alone = published.merged(first, found(newer), None, replaces=True)
    changes = published.between(first, alone, "DE")
    assert (changes.gone, alone["acceptance"]["valuesets"]) == (("TR-DE-0001 1.0.0",), {})
    assert (alone["acceptance"]["verdict"], alone["acceptance"]["when"]) == ("refuse", first["acceptance"]["when"])
    assert published.between(first, published.merged(first, found(rule()), None, replaces=False), "DE").nothing


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:  # noqa: F811
    """Two rules and a value set in a folder, beside an office."""
    run("init")
    folder = tmp_path / "rules"
    for name, document in {"one": rule(), "two": rule("TR-DE-0002", KNOWN_DISEASE), "sets": DISEASE}.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "rule.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_a_folder_of_rules_becomes_a_draft_that_can_go_to_the_gates(run: Run, folder: Path) -> None:  # noqa: F811
    called = ("policy", "rules", str(folder), "--country", "de", "--verdict", "refuse")
    asked = run(*called, code=2)
    assert "new        TR-DE-0002 1.0.0" in asked.stdout
    assert "new 2, changed 0, gone 0, same 0; value sets 1; left out 0" in asked.stdout
    assert "--yes" in asked.stderr
    assert json_of(run(*called, "--json"))["applied"] is False
    assert json_of(run("policy", "history", "--json")) == []

    made = json_of(run(*called, "--json", "--yes"))
    assert (made["name"], made["state"], made["applied"]) == ("community@2", "draft", True)
    part = json.loads(run("policy", "export", "2").stdout)["acceptance"]
    assert (part["country"], part["verdict"], part["valuesets"]) == ("DE", "refuse", VALUE_SETS)
    run("policy", "submit", "2", "--note", "验收规则")
    run("policy", "approve", "2", "--sole")
    run("policy", "publish", "2")
    assert "nothing was changed" in run(*called).stdout

    (folder / "one" / "rule.json").unlink()
    assert "community@3" in run(*called, "--replace", "--yes").stdout
    assert json_of(run(*called, "--into", "3", "--yes", "--json"))["applied"] is False


def test_what_cannot_be_meant_is_said_before_anything_is_read(run: Run, folder: Path) -> None:  # noqa: F811
    assert "no country such as DE" in run("policy", "rules", str(folder), "--country", "Germany", code=2).stderr
    admit = run("policy", "rules", str(folder), "--country", "DE", "--verdict", "admit", code=2)
    assert "check, refuse, isolate" in admit.stderr
