"""One fuzzing child: `python -m tests.fuzz.child run TARGET MEGABYTES LIBFUZZER-WORDS…`, with atheris, until a finding
or the end of its time; `… soak TARGET FOLDER…` without: reads everything again and again and measures what is kept."""

from __future__ import annotations

import gc
import importlib
import resource
import sys
from pathlib import Path

ROUNDS = 12  # over the corpus, for its memory
KEPT_MB = 24.0  # what later rounds may add


def run(target: str, megabytes: str, words: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["kiosk"]):
        module = importlib.import_module(f"tests.fuzz.fuzz_{target}")
    limit = int(megabytes) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def one(data: bytes) -> None:
        module.check(data)

    atheris.Setup([sys.argv[0], *words], one)
    atheris.Fuzz()


def soak(target: str, folders: list[str]) -> int:
    """Exit code 1 when memory grows although nothing new is read."""
    module = importlib.import_module(f"tests.fuzz.fuzz_{target}")
    samples = [path.read_bytes() for folder in folders for path in sorted(Path(folder).iterdir()) if path.is_file()]
    marks = []
    for _ in range(ROUNDS):
        for data in samples:
            module.check(data)
        gc.collect()
        marks.append(_held_mb())
    grown = marks[-1] - marks[ROUNDS // 2]
    print(f"{len(samples)} inputs read {ROUNDS} times: {marks[-1]:.0f} MB held, {grown:+.1f} MB since the middle")
    return int(grown > KEPT_MB)


def _held_mb() -> float:
    """Resident memory now (proc(5))."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", target, megabytes, *words]:
            run(target, megabytes, words)
        case ["soak", target, *folders]:
            sys.exit(soak(target, folders))
        case _:
            sys.exit(__doc__)
