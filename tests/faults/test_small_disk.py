"""A disk that is full at both ends: nobody is announced, nothing is taken; with room again everything goes on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN_MOUNTS = ["unshare", "--map-root-user", "--mount"]


def mountable(folder: Path) -> bool:
    if not shutil.which("unshare"):
        return False
    tried = subprocess.run([*OWN_MOUNTS, "mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False)
    return tried.returncode == 0


def test_a_full_disk_at_both_ends_loses_and_doubles_nothing(tmp_path: Path) -> None:
    how = "tmpfs" if mountable(tmp_path) else "limit"  # no privileges: no file may grow, which shows the same
    run = [*(OWN_MOUNTS if how == "tmpfs" else []), sys.executable, "-m", "tests.faults.small_disk", str(tmp_path), how]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=170, check=False)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert said["push"], "nothing hindered it"
    assert said["recorded"] == "False"
    assert said["writable"] != "None"
    assert said["troubles"] == "[]"
    assert (said["finding"], said["known missing"], said["announced"]) == ("nothing", "0", "True")
