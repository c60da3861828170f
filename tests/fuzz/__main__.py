"""make fuzz: five minutes for each target, or FUZZ_S seconds; prints executions, coverage and findings.

python -m tests.fuzz [codes] [pictures]

A finding is an exception, a code read for more than 50 ms, a hang or memory that grows; then the exit code is 1 and the
input that did it is kept. A picture that crashes or chokes a native reader is one only if the process that
reads strangers' photos does not contain it: that one is tried with each.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.devices.photo import read_photo
from kiosk.errors import DeviceError

HERE = Path(__file__).parent
KEPT = Path("var/fuzz")  # where inputs of findings are kept
LEFT_S = 5  # less is not worth another child
GRACE_S = 60
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_COVERAGE = re.compile(r"\bcov: (\d+)")
_PYTHON = "Uncaught Python exception"


@dataclass(frozen=True, slots=True)
class Target:
    """How one is fuzzed: memory of its process, the longest input, a hang in seconds."""

    name: str
    megabytes: int
    max_len: int
    hang_s: int
    contained: bool = False  # whether the gate gives it a process of its own


TARGETS = {
    "codes": Target("codes", 2048, 16_384, 5),
    "pictures": Target("pictures", 3072, 32_768, 20, contained=True),
}


@dataclass(slots=True)
class Result:
    executions: int = 0
    coverage: int = 0
    findings: list[str] = field(default_factory=list)
    contained: list[str] = field(default_factory=list)


def fuzz(target: Target, seconds: float) -> Result:
    """Children one after the other, each until a finding, until the time is over; then the memory is looked at."""
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        found, made = Path(folder) / "corpus", Path(folder) / "made"
        found.mkdir()
        made.mkdir()
        ends = time.monotonic() + seconds
        while not result.findings and (left_s := ends - time.monotonic()) > LEFT_S:
            _round(target, left_s, found, made, result)
        if not result.findings:
            _soak(target, found, result)
    return result


def _round(target: Target, seconds: float, found: Path, made: Path, result: Result) -> None:
    words = [
        f"-max_total_time={round(seconds)}",
        f"-max_len={target.max_len}",
        f"-timeout={target.hang_s}",
        f"-rss_limit_mb={target.megabytes}",
        f"-artifact_prefix={made}/",
        "-print_final_stats=1",
        str(found),
        str(HERE / "corpus" / target.name),
    ]
    code, said = _child(["run", target.name, str(2 * target.megabytes), *words], seconds + GRACE_S)
    result.executions += sum(map(int, _EXECUTED.findall(said)))
    result.coverage = max([result.coverage, *map(int, _COVERAGE.findall(said))])
    artifacts = sorted(path for path in made.iterdir() if not path.name.startswith("slow-unit"))
    for path in artifacts:
        _judge(target, path, said, result)
        path.unlink()
    if code and not artifacts:
        result.findings.append(f"the child ended with {code}:\n{said[-2000:]}")


def _judge(target: Target, path: Path, said: str, result: Result) -> None:
    """Whether the gate lives with this input; a finding's input is kept."""
    data = path.read_bytes()
    if target.contained and _PYTHON not in said:
        try:
            read_photo(data)
            result.contained.append(f"{path.name}: read by the photo's process")
        except DeviceError as error:
            result.contained.append(f"{path.name}: {error}")
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{target.name}-{path.name}").write_bytes(data)
    result.findings.append(f"{KEPT / f'{target.name}-{path.name}'} ({len(data)} bytes)\n{_trace(said)}")


def _soak(target: Target, found: Path, result: Result) -> None:
    """Everything that was found once more, in a process without instruments, for what stays in memory."""
    code, said = _child(["soak", target.name, str(HERE / "corpus" / target.name), str(found)], 3600)
    print(f"  {said.strip().splitlines()[-1] if said.strip() else 'no word'}", flush=True)
    if code:
        result.findings.append(f"read again and again:\n{said[-2000:]}")


def _child(words: Sequence[str], wait_s: float) -> tuple[int, str]:
    command = [sys.executable, "-m", "tests.fuzz.child", *words]
    env = os.environ | {"OPENCV_LOG_LEVEL": "SILENT"}
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", env=env, timeout=wait_s
        )
    except subprocess.TimeoutExpired as error:
        return -1, f"no end after {wait_s:.0f} s\n{(error.output or b'')[-2000:].decode(errors='replace')}"
    return done.returncode, done.stdout


def _trace(said: str) -> str:
    """The part of libFuzzer's words that tells what happened."""
    at = said.find(_PYTHON) if _PYTHON in said else max(said.find("ERROR: libFuzzer"), 0)
    return said[at : at + 3000]


def main(wanted: list[str]) -> int:
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: it has wheels for Python 3.11 to 3.13; use one of these (scripts/setup dev)")
        return 2
    seconds, bad = float(os.environ.get("FUZZ_S", "300")), 0
    for name in wanted or TARGETS:
        print(f"{name}: {seconds:.0f} s", flush=True)
        result = fuzz(TARGETS[name], seconds)
        print(f"  {result.executions:,} executions, coverage {result.coverage}, {len(result.findings)} findings")
        for line in result.contained:
            print(f"  contained: {line}")
        for finding in result.findings:
            print(f"  FOUND {finding}")
        bad += len(result.findings)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
