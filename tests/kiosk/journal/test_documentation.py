"""docs/journal.md is true: its program verifies a journal with nothing of ours, and its tables name what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from kiosk.journal.schema import COUNTS, events
from tests.kiosk.journal.desk import Desk

PAGE = (Path(__file__).parents[3] / "docs" / "journal.md").read_text(encoding="utf-8")


def _outsider(desk: Desk, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    script = tmp_path / "outsider.py"
    script.write_text(program, encoding="utf-8")
    run = [sys.executable, str(script), str(desk.path)]
    return subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)


def test_the_program_on_the_page_agrees_with_the_journal(desk: Desk, tmp_path: Path) -> None:
    with desk.open() as journal:
        journal.append(desk.passage(celsius=37.0, 余="𠮷\n"), desk.passage("isolate", celsius=38.4))
        journal.renew("fork", refused_from=3)
        desk.later(days=1, milliseconds=7)
        journal.append(desk.passage())
        journal.forget_before(desk.at.date())
        head, name = journal.head(), journal.id
    found = _outsider(desk, tmp_path)
    assert found.stdout.split() == [name, str(head.seq), head.digest], found.stderr


def test_the_program_on_the_page_finds_what_was_changed(desk: Desk, tmp_path: Path) -> None:
    with desk.open() as journal:
        journal.append(desk.passage("check"), desk.passage())
        name = journal.id
    with desk.tampering() as file:
        file.execute("UPDATE events SET open = replace(open, 'check', 'admit')")
    found = _outsider(desk, tmp_path)
    assert (found.returncode, found.stderr.strip()) == (1, f"{name}: number 2 does not hold")


def test_the_page_names_every_column_and_every_count() -> None:
    for name in (*events.columns.keys(), *COUNTS):
        assert re.search(rf"`[^`]*\b{name}\b[^`]*`", PAGE), name
