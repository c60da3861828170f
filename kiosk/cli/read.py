"""python -m kiosk read: texts on standard input, what each one says as a line of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from kiosk import codes
from kiosk.codes import ReadContext, Revoked, Trust, provincial, trust_items
from kiosk.codes.parts import Collector
from kiosk.errors import GatehouseError
from kiosk.model import HealthCode, from_iso, iso

TYPED = ("pass_number", "declaration")  # of a person; no code says them
MAX_LINE_BYTES = 1024 * 1024
_KEYS = frozenset({"text", "parts", "at", "trust"})


def read(
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help="Each line is a JSON object: text or parts; at and trust (a list of base64 DER or JWKs) if wanted.",
        ),
    ] = False,
    at: Annotated[
        str | None, typer.Option("--at", help="Judge at this time, for example 2026-11-22T03:30:00Z; now unless given.")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option("--trust", help="Issuer keys: a trust section as JSON, or a film's side file.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Let keys marked as demonstration keys count.")] = False,
) -> None:
    """Say what health codes say: texts on standard input, one JSON line each.

    Example: echo 'GL1:green' | python -m kiosk read
    """
    context = _context(at, trust, demo=demo)
    answer = _answer_object if jsonl else _answer_text
    if not _all_read(sys.stdin.buffer, context, answer):
        raise typer.Exit(1)


def _all_read(stream: BinaryIO, context: ReadContext, answer: Callable[[bytes, ReadContext], dict[str, Any]]) -> bool:
    """Answer each line as it comes; whether every one could be read."""
    good = True
    for number, line in enumerate(_lines(stream), start=1):
        try:
            result = answer(line, context)
        except ValueError as error:
            good, result = False, {"error": f"line {number}: {error}"}
        typer.echo(
            json.dumps(result, ensure_ascii=False).encode("utf-8", "backslashreplace")
        )  # bytes: whatever the locale
    return good


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of `stream` without their ends. Of an overlong one only so much that its length still shows."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        rest = line
        while not rest.endswith(b"\n") and (rest := stream.readline(MAX_LINE_BYTES)):
            pass
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _answer_text(line: bytes, context: ReadContext) -> dict[str, Any]:
    try:
        return as_line(codes.read(line.decode("utf-8"), context))
    except UnicodeDecodeError as error:
        if len(line) > MAX_LINE_BYTES:  # cut within a character
            return as_line(codes.read(line.decode("utf-8", "replace"), context))
        raise ValueError(f"not UTF-8 text: {error.reason} at byte {error.start + 1}") from error


def _answer_object(line: bytes, context: ReadContext) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"longer than {MAX_LINE_BYTES} bytes")
    try:
        item = json.loads(line)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(item, dict) or ("text" in item) == ("parts" in item):
        raise ValueError('must be an object with a "text" or with "parts"')
    if unknown := sorted(item.keys() - _KEYS):
        raise ValueError(f"unknown {', '.join(map(repr, unknown))}; known: {', '.join(sorted(_KEYS))}")
    context = _told(item, context)
    return as_line(codes.read(_text(item, context.at), context))


def _text(item: Mapping[str, Any], at: datetime) -> str:
    """The text to read: of `parts` the whole card, of an incomplete one the last part."""
    texts = item.get("parts", [item.get("text")])
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError("text must be a text, parts a list of texts")
    collector, whole = Collector(), None
    for number, text in enumerate(texts) if "parts" in item else ():
        try:
            whole = collector.add(text, at).text
        except ValueError as error:
            raise ValueError(f"parts[{number}]: {error}") from error
    return whole or texts[-1]


def _told(item: Mapping[str, Any], context: ReadContext) -> ReadContext:
    """The context as this very line wants it."""
    if item.get("at") is not None:
        context = replace(context, at=_time(item["at"]))
    given = item.get("trust")
    if given is None:
        return context
    if not isinstance(given, list):
        raise ValueError("trust must be a list")
    return replace(context, trust=Trust.of(key for number, one in enumerate(given) for key in _keys(number, one)))


def _keys(number: int, item: object) -> tuple[codes.IssuerKey, ...]:
    try:
        return trust_items.keys(item)
    except ValueError as error:
        raise ValueError(f"trust[{number}]: {error}") from error


def _time(text: object) -> datetime:
    try:
        return from_iso(text if isinstance(text, str) else "")
    except (ValueError, OverflowError) as error:
        raise ValueError(f"at: {text!r} is no time with a zone, for example 2026-11-22T03:30:00Z") from error


def _context(at: str | None, trust: Path | None, *, demo: bool) -> ReadContext:
    try:
        moment = datetime.now(UTC) if at is None else _time(at)
    except ValueError as error:
        raise GatehouseError(f"--{error}") from error
    context = ReadContext(at=moment, demo=demo, provinces=tuple(map(provincial.shipped, provincial.SHIPPED)))
    return context if trust is None else _trusting(context, trust)


def _trusting(context: ReadContext, path: Path) -> ReadContext:
    """The context with the keys in `path`, and the revoked serials beside them in a film's side file."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise GatehouseError(f"--trust {path}: cannot be read: {error}") from error
    if isinstance(document, dict) and isinstance(document.get("trust"), dict):
        context = replace(context, revoked=Revoked.from_section(document.get("revoked") or {"serials": {}}))
        document = document["trust"]
    keys = Trust.from_section(document if isinstance(document, dict) else {})
    for problem in keys.problems:
        print(f"gatehouse: {path}: {problem}", file=sys.stderr)
    return replace(context, trust=keys)


def as_line(code: HealthCode) -> dict[str, Any]:
    """`code` with exactly the documented keys, times as RFC 3339."""
    return {
        "scheme": code.scheme,
        "level": code.level.value,
        "holder": {key: said for key, said in asdict(code.holder).items() if key not in TYPED},
        "tests": [{**asdict(test), "taken_at": iso(test.taken_at)} for test in code.tests],
        "vaccinations": [asdict(vaccination) for vaccination in code.vaccinations],
        "recoveries": [asdict(recovery) for recovery in code.recoveries],
        "issuer": code.issuer,
        "valid_from": code.valid_from and iso(code.valid_from),
        "valid_until": code.valid_until and iso(code.valid_until),
        "verification": code.verification.value,
        "reason": code.reason and code.reason.value,
        "serial": code.serial,
        "made_at": code.made_at and iso(code.made_at),
        "part": code.part and asdict(code.part),
    }
