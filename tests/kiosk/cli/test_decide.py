"""python -m kiosk decide: the decision and every rule's fate, as JSON."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from kiosk.cli.decide import decide
from kiosk.errors import GatehouseError, PolicyError

PAGE = Path(__file__).parents[3] / "docs" / "policy.md"
RESIDENT = """
now = 2026-11-22T11:30:00+08:00
direction = "in"
method = "camera"
footing = "fresh"
person = {identified = true, name = "张三"}
code = {presented = true, recognised = true, verified = true, reason = "", verification = "verified", level = "none", colour = "black"}
reading = {taken = true, celsius = 36.6}
watch = {listed = false, why = []}
"""  # noqa: E501  # as a person would type it


def _run(*arguments: str | Path, typed: str = "") -> Result:
    app = typer.Typer()
    app.command()(decide)
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


def _report(result: Result) -> Any:
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_example_in_the_documentation_gives_the_answer_printed_there(tmp_path: Path) -> None:
    policy, _ = _blocks("toml")
    facts, printed = _blocks("json")
    tmp_path.joinpath("street.toml").write_text(policy, encoding="utf-8")
    tmp_path.joinpath("visit.json").write_text(facts, encoding="utf-8")
    report = _report(_run("--policy", tmp_path / "street.toml", "--facts", tmp_path / "visit.json"))
    assert {key: report[key] for key in json.loads(printed)} == json.loads(printed)
    assert report["unknown_facts"] == []


def test_the_published_rule_in_the_documentation_judges_a_certificate(tmp_path: Path) -> None:
    tmp_path.joinpath("street.toml").write_text("\n".join(_blocks("toml")), encoding="utf-8")
    visit = {
        "now": "2026-11-22T03:30:00Z",
        "direction": "in",
        "code": {
            "certificate": {"kind": "test", "country": "AT", "payload": {"ver": "1.3.0", "t": [{"tg": "6142004"}]}}
        },
    }
    tmp_path.joinpath("visit.json").write_text(json.dumps(visit), encoding="utf-8")
    report = _report(_run("--policy", tmp_path / "street.toml", "--facts", tmp_path / "visit.json"))
    (found,) = [reason for reason in report["reasons"] if reason["rule"] == "acceptance:GR-DE-0001"]
    assert (found["verdict"], found["en"]) == ("refuse", "The test must be for COVID-19.")
    assert report["unknown_facts"] == []


def test_every_published_rule_tells_what_it_said_or_why_it_was_not_asked(tmp_path: Path) -> None:
    document = tomllib.loads("\n".join(_blocks("toml")))
    (published,) = document["acceptance"]["rules"]
    others = {
        "GR-DE-0002": {"CertificateType": "Vaccination"},
        "GR-DE-0003": {"ValidTo": "2021-08-01T00:00:00Z"},
        "GR-FR-0004": {"Country": "FR"},
        "GR-DE-0005": {"EngineVersion": "9.0.0"},
    }
    rules = [published | {"Identifier": name} | changes for name, changes in others.items()]
    document["acceptance"]["rules"] += [*rules, published | {"Version": "0.9.0"}]
    tmp_path.joinpath("street.json").write_text(json.dumps(document), encoding="utf-8")
    certificate = {"kind": "test", "country": "AT", "payload": {"ver": "1.3.0", "t": [{"tg": "840539006"}]}}
    visit = {"now": "2026-11-22T03:30:00Z", "direction": "in", "code": {"certificate": certificate}}
    arguments = ("--policy", tmp_path / "street.json", "--facts", "-")

    found = _report(_run(*arguments, typed=json.dumps(visit)))["acceptance"]
    assert [(one["rule"].partition(":")[2], one["version"], one["answer"], one["why"]) for one in found] == [
        ("GR-DE-0001", "1.0.0", "passed", ""),
        ("GR-DE-0002", "1.0.0", None, "for another kind of certificate"),
        ("GR-DE-0003", "1.0.0", None, "not in force then"),
        ("GR-FR-0004", "1.0.0", None, "of another country or region"),
        ("GR-DE-0005", "1.0.0", "open", ""),
        ("GR-DE-0001", "0.9.0", None, "a newer version counts"),
    ]
    shown = _run(*arguments, "--explain", typed=json.dumps(visit)).stdout
    assert re.search(r"GR-DE-0001 +1\.0\.0 +passed +The test must be for COVID-19\.", shown)
    found = _report(_run(*arguments, typed=json.dumps(visit | {"code": {}})))["acceptance"]
    assert {(one["looked_at"], one["why"]) for one in found} == {(False, "no verified certificate was shown")}
    found = _report(_run(*arguments, typed=json.dumps(visit | {"direction": "out"})))["acceptance"]
    assert {one["why"] for one in found} == {"not for this visit"}


def test_facts_from_standard_input_are_judged_by_the_shipped_policy() -> None:
    report = _report(_run("--facts", "-", typed=RESIDENT))
    assert (report["verdict"], report["policy"], report["reasons"]) == ("admit", "default@1", [])
    assert (report["missing"], report["questions"]) == ([], [])


def test_every_rule_tells_whether_it_was_looked_at_and_what_it_read() -> None:
    report = _report(_run("--facts", "-", typed=RESIDENT.replace("36.6", "38.4")))
    assert report["verdict"] == "isolate"
    assert report["actions"] == ["alert:fever", "advise:fever-clinic", "call:120"]
    rules = {rule["rule"]: rule for rule in report["rules"]}
    assert rules["fever"] == {
        "rule": "fever",
        "verdict": "isolate",
        "looked_at": True,
        "answer": "fired",
        "facts": {"reading.taken": True, "reading.celsius": 38.4, "limits.fever": 37.3},
        "absent": [],
        "why": [
            {"place": "when.and[0]", "says": "reading.taken (true)", "answer": "fired"},
            {
                "place": "when.and[1]",
                "says": "reading.celsius (38.4) >= limits.fever (37.3)",
                "answer": "fired",
            },
        ],
        "why_undecided": [],
    }
    assert rules["red-code"]["answer"] == "not"
    assert (rules["pass-expired-closure"]["looked_at"], rules["pass-expired-closure"]["answer"]) == (False, None)


def test_an_undecided_rule_says_what_it_lacked_or_could_not_work_on() -> None:
    report = _report(_run("--facts", "-", typed='{"reading": {"taken": true, "celsius": "warm"}}'))
    rules = {rule["rule"]: rule for rule in report["rules"]}
    assert report["verdict"] == "check"
    assert rules["fever"]["answer"] == "undecided"
    assert "numbers" in rules["fever"]["why_undecided"][0]
    assert rules["watch-listed"]["absent"] == ["watch.listed", "watch.why"]


def test_the_table_says_of_every_rule_what_settled_it() -> None:
    lines = _run("--explain", "--facts", "-", typed=RESIDENT).stdout.splitlines()
    assert lines[0] == "admit  by default@1"
    fever = next(line for line in lines if line.startswith("fever "))
    assert fever.split(maxsplit=3) == ["fever", "isolate", "not", "reading.celsius (36.6) >= limits.fever (37.3): no"]
    closure = next(line for line in lines if line.startswith("leave-closure "))
    assert closure.endswith("-          switched off, or for another tier")
    stay = next(line for line in lines if line.startswith("stay-risk "))
    assert stay.endswith("stays.risk (absent, taken as false): no")


def test_the_table_gives_reasons_actions_and_what_is_missing_first() -> None:
    table = _run("--explain", "--facts", "-", typed='{"reading": {"taken": true, "celsius": "warm"}}').stdout
    head, rules = table.split("\n\n")
    assert head.startswith("check  by default@1")
    assert "  missing: reading.celsius" in head
    assert "numbers" in rules


def test_facts_nobody_reads_are_pointed_out() -> None:
    typed = '{"reading": {"celcius": 36.6}, "answers": {"cough": true, "symptoms": false}, "whether": "rain"}'
    assert _report(_run("--facts", "-", typed=typed))["unknown_facts"] == [
        "answers.cough",
        "reading.celcius",
        "whether",
    ]


def test_a_time_written_as_toml_writes_times_is_a_time(tmp_path: Path) -> None:
    rule = {
        "id": "late",
        "when": {"after": [{"var": "now"}, "2026-11-22T03:29:59Z"]},
        "verdict": "refuse",
        "say": {"zh": "晚", "en": "late"},
    }
    policy = {"id": "late", "version": 1, "title": {"zh": "晚", "en": "late"}, "rule": [rule]}
    tmp_path.joinpath("late.json").write_text(json.dumps(policy), encoding="utf-8")
    report = _report(_run("--policy", tmp_path / "late.json", "--facts", "-", typed=RESIDENT))
    assert report["verdict"] == "refuse"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("facts.json", b"{", "not JSON"),
        ("facts.json", b"[]", "facts are a table"),
        ("facts.toml", b"a =", "not TOML"),
        ("facts.toml", b"\xff", "not UTF-8"),
        ("facts.toml", b"reading = {celsius = nan}", "leave out what is not known"),
        ("facts.json", b'{"reading": {"celsius": Infinity}}', "leave out what is not known"),
        ("facts.toml", b"now = 2026-11-22T11:30:00", r"has no time zone; write 2026-11-22T11:30:00+08:00"),
    ],
)
def test_facts_that_cannot_be_read_are_one_clear_message(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    tmp_path.joinpath(name).write_bytes(content)
    result = _run("--facts", tmp_path / name)
    assert isinstance(result.exception, GatehouseError)
    assert says in str(result.exception)


def test_a_file_that_is_not_there_is_one_clear_message(tmp_path: Path) -> None:
    for arguments in (["--facts", tmp_path / "no.toml"], ["--facts", "-", "--policy", tmp_path / "no.toml"]):
        result = _run(*arguments)
        assert isinstance(result.exception, GatehouseError)
        assert "no.toml: cannot be read: No such file" in str(result.exception)


def test_a_faulty_policy_names_its_file_in_every_problem(tmp_path: Path) -> None:
    tmp_path.joinpath("bad.toml").write_text('id = "bad"\nversion = 0\n', encoding="utf-8")
    result = _run("--facts", "-", "--policy", tmp_path / "bad.toml")
    assert isinstance(result.exception, PolicyError)
    assert all(problem.startswith("bad.toml: ") for problem in result.exception.problems)
    assert len(result.exception.problems) == 3
