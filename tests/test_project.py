"""What a newcomer relies on: the shipped settings, the two commands, the pins, the shape of the house, no dead link."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker

from kiosk.config import Access, Camera, Gate, Lane, Provinces, Retention, Settings, Sync, Verifier, Web, load
from sync.office import settings as office_settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("kiosk", "sync", "web")
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if path.suffix in ("", ".sh"))
PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([0-9][0-9a-z.]*)")
LONGEST_FILE, LONGEST_FUNCTION = 400, 50  # lines

# In requirements.txt without an import: SQLAlchemy loads one for a postgresql:// address, openpyxl the other for XML.
CALLED_BY_NAME = {"psycopg", "defusedxml"}
TABLES = (Gate, Web, Lane, Camera, Sync, Retention, Provinces, Verifier, Access)
DRAWING = {"av", "playwright"}  # imported only where films and their letters are drawn; requirements-dev.txt


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    """Package → version, as a requirements file says for this machine."""
    lines = [line.partition("#")[0].strip() for line in text(name).splitlines()]
    parted = [line.partition(";") for line in lines if line and not line.startswith("-r ")]
    found = [PIN.fullmatch(pin.strip()) for pin, _, when in parted if not when or Marker(when).evaluate()]
    assert all(found), "every requirement names one version: package==1.2.3"
    return {canonical(pin[1]): pin[2] for pin in found if pin}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# --- settings and commands ------------------------------------------------------------------------------------------


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """kiosk.toml as it ships, whatever the environment says."""
    for name in [name for name in os.environ if name.startswith("GATEHOUSE_")]:
        monkeypatch.delenv(name)
    return load(ROOT / "kiosk.toml")


def test_the_shipped_settings_are_what_a_gate_does_without_them(shipped: Settings) -> None:
    """So that nobody reads one thing in the file and meets another where a line was taken out."""
    assert (shipped.web, shipped.camera, shipped.sync, shipped.retention) == (Web(), Camera(), Sync(), Retention())
    assert shipped.gate == Gate(name=shipped.gate.name, var=ROOT / "var")
    camera, tablet = shipped.lane
    assert camera == Lane(name="1")
    assert tablet.kind == "tablet"


def test_the_shipped_file_shows_every_setting() -> None:
    shown = set(re.findall(r"^(?:# )?([a-z_]+) = ", text("kiosk.toml"), flags=re.M))
    known = {name for table in TABLES for name in table.model_fields} - {"verifier", "access"}  # tables of their own
    assert shown == known


def test_the_run_script_listens_where_the_settings_say(shipped: Settings) -> None:
    listens = dict(re.findall(r"^(\w+_listen)=\$\{GATEHOUSE_\w+:-([\d.:]+)\}$", text("scripts/run"), flags=re.M))
    office = office_settings.load({})
    assert listens == {"gate_listen": shipped.web.listen, "office_listen": office.listen}


def test_the_run_script_and_the_settings_agree_on_folder_and_name(shipped: Settings) -> None:
    script = text("scripts/run")
    assert f'gate add "{shipped.gate.name}"' in script
    assert {Path(found).parts[0] for found in re.findall(r"\bvar/[\w./-]+", script)} == {shipped.gate.var.name}
    assert office_settings.load({}).var.parent.name == shipped.gate.var.name


def test_the_run_script_calls_commands_that_exist() -> None:
    called = re.findall(r'"\$python" -m (kiosk|sync\.office) ((?:[a-z]+ ?)+)', text("scripts/run"))
    page = text("docs/commands.md")
    assert len(called) >= 6
    assert [words for module, words in called if f"### python -m {module} {words.strip()}\n" not in page] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_both_readmes_name_both_commands_and_show_the_console(name: str) -> None:
    page = text(name)
    for command in ("scripts/run", "scripts/test", "python -m kiosk doctor", "python -m kiosk enroll"):
        assert command in page
    assert "](docs/img/gate-console.png)" in page


def test_make_and_ci_call_the_scripts() -> None:
    targets = dict(re.findall(r"^(\w+):.*\n((?:\t.*\n)+)", text("Makefile"), flags=re.M))
    assert {name: targets[name].strip() for name in ("setup", "run", "test")} == {
        "setup": "scripts/setup",
        "run": "scripts/run",
        "test": "scripts/test",
    }
    assert re.search(r"^exec scripts/test$", text(".ci/run"), flags=re.M)


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_scripts_are_plain_sh(script: Path, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    assert subprocess.run([shell, "-n", script], capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize("script", [path for path in SCRIPTS if not path.suffix], ids=lambda path: path.name)
def test_a_script_can_be_called_from_anywhere_and_stops_at_the_first_fault(script: Path) -> None:
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/bin/sh"
    assert os.access(script, os.X_OK)
    assert any(re.search(r"\$\(.*dirname .*\"\$0\"", line) for line in lines)
    assert "set -eu" in lines


def test_no_check_of_the_lint_script_can_fail_unnoticed() -> None:
    """In sh a pipe ends as its last command does."""
    checks = [line for line in text("scripts/lint").splitlines() if line.startswith(".venv/bin/")]
    assert len(checks) == 4
    assert [line for line in checks if "|" in line or "&" in line or ";" in line] == []


# --- packages -------------------------------------------------------------------------------------------------------


def imported() -> dict[str, str]:
    """Package → one of our modules that imports it, for everything that is neither ours nor Python's."""
    owners = metadata.packages_distributions()
    found = {}
    for path in modules():
        for name in _imports(ast.parse(path.read_bytes())):
            if name not in PACKAGES and name not in sys.stdlib_module_names and name not in DRAWING:
                found[canonical(owners[name][0])] = str(path.relative_to(ROOT))
    return found


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def brought_along(names: set[str]) -> set[str]:
    """What those packages require themselves, directly."""
    found = set()
    for name in names:
        for line in metadata.requires(name) or ():
            if match := re.match(r"[A-Za-z0-9._-]+", line):
                found.add(canonical(match[0]))
    return found


def test_what_a_gate_or_an_office_imports_is_pinned_or_comes_with_a_pin() -> None:
    pinned = set(pins("requirements.txt"))
    allowed = pinned | brought_along(pinned)
    assert {name: where for name, where in imported().items() if name not in allowed} == {}
    assert pins("requirements-dev.txt").keys() >= DRAWING


def test_nothing_is_pinned_that_nobody_imports() -> None:
    assert set(pins("requirements.txt")) - imported().keys() == CALLED_BY_NAME


def test_the_pins_are_what_is_installed_here() -> None:
    wanted = pins("requirements.txt") | pins("requirements-dev.txt")
    assert {name: metadata.version(name) for name in wanted} == wanted


# --- the house ------------------------------------------------------------------------------------------------------


def test_there_is_no_package_beside_those_of_the_design() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == {*PACKAGES, "tests"}


def test_every_module_says_what_it_is() -> None:
    silent = [path for path in modules() if (tree := ast.parse(path.read_bytes())).body and not ast.get_docstring(tree)]
    assert silent == []


def test_no_file_and_no_function_is_longer_than_one_can_read() -> None:
    too_long = []
    for path in modules():
        source = path.read_text(encoding="utf-8")
        if source.count("\n") > LONGEST_FILE:
            too_long.append(path.name)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and _lines(node) > LONGEST_FUNCTION and path.parent.name != "versions":
                too_long.append(f"{path.name}:{node.name}")
    assert too_long == []


def _lines(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_nothing_is_left_for_later() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert [path for path in modules() if unfinished.search(path.read_text(encoding="utf-8"))] == []


def test_tool_settings_are_all_that_pyproject_holds() -> None:
    assert set(tomllib.loads(text("pyproject.toml"))) == {"tool"}


# --- the pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)\s]*)\)", _without_code(page.read_text(encoding="utf-8")))
    dead = [link for link in links if not _leads_somewhere(page, link)]
    assert dead == []


def _without_code(markdown: str) -> str:
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S))


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in _anchors(target.read_text(encoding="utf-8")))


def _anchors(markdown: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", markdown, flags=re.M)
    return {re.sub(r"[^\w\s-]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_every_decision_has_a_number_and_a_title_of_its_own_and_stands_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    decisions = sorted(set(folder.glob("*.md")) - {folder / "README.md"})
    numbers = [path.name.partition("-")[0] for path in decisions]
    titles = [path.read_text(encoding="utf-8").partition("\n")[0] for path in decisions]
    assert all(re.fullmatch(r"\d{4}", number) for number in numbers)
    assert all(title.startswith("# ") for title in titles)
    assert len(set(numbers)) == len(set(titles)) == len(decisions) > 0
    listed = re.findall(r"\]\(([^)]+)\)", text("docs/decisions/README.md"))
    assert listed == [path.name for path in decisions]


def test_every_page_of_docs_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for link in re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            waiting += sorted(target.glob("*.md")) if target.is_dir() else [target] if target.suffix == ".md" else []
    assert {path for path in PAGES if path.is_relative_to(ROOT / "docs")} - reached == set()


def test_the_changelog_tells_of_this_version_or_of_what_comes() -> None:
    from kiosk import __version__

    headings = re.findall(r"^## (.+)$", text("CHANGELOG.md"), flags=re.M)
    assert headings
    assert headings[0] == "Unreleased" or headings[0].startswith(__version__)
