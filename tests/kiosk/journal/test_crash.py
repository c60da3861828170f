"""kill -9 at any moment: everything the gate was told to be recorded is there, and holds."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from tests.kiosk.journal.desk import Desk

ROOT = Path(__file__).parents[3]
KILLS = 10

_APPEND_FOR_EVER = """
import sys
from pathlib import Path
from tests.kiosk.journal.desk import Desk

desk = Desk(Path(sys.argv[1]))
journal = desk.open()
while True:
    for event in journal.append(desk.passage(), desk.passage("isolate")):
        sys.stdout.write(f"{event.seq} {event.digest}\\n")
    sys.stdout.flush()
"""


def _killed_after(path: Path, acknowledgements: int) -> dict[int, str]:
    """What a process that appends for ever had acknowledged when it was killed."""
    run = [sys.executable, "-c", _APPEND_FOR_EVER, str(path)]
    with subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        said = [child.stdout.readline() for _ in range(acknowledgements)]
        os.kill(child.pid, signal.SIGKILL)
        said += child.stdout.readlines()
    whole = [line.split() for line in said if line.endswith("\n")]
    return {int(seq): digest for seq, digest in whole}


def test_nothing_that_was_acknowledged_is_lost_to_kill_9(desk: Desk) -> None:
    chance = random.Random(2026)
    acknowledged: dict[int, str] = {}
    desk.open().close()
    for _ in range(KILLS):
        acknowledged |= _killed_after(desk.path, chance.randrange(1, 60))
        with desk.open() as journal:
            assert len(journal.journals()) == 1, "a killed gate was taken for a restored one"
            found = journal.verify()
            assert found.ok, found
            kept = {event.seq: event.digest for event in journal.after(0, 10_000)}
            assert acknowledged.items() <= kept.items()
            passages = sum(event.kind == "passage" for event in journal.after(0, 10_000))
            assert journal.counts(desk.at.date())["passages"] == passages
            assert passages % 2 == 0, "half an act was recorded"
