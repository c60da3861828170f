#!/usr/bin/env python3
"""Checks a day's proof of a Gatehouse street office. Needs Python 3.9 or later and nothing else.

    python3 verify.py                     the proof.json beside this script
    python3 verify.py PROOF.zip           the file as the office gave it out
    python3 verify.py --key KEY PROOF     with the office's public key as you know it from elsewhere

What it checks stands in README.txt. Exit code 0 when everything holds, 1 when something does not, 2 when there is
nothing to check.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

FORMAT = "gatehouse-proof/1"
ZEROS = "0" * 64
DIGESTED = ("at", "clock", "id", "kind", "open", "prev", "seal", "seq")
Json = dict[str, Any]
Point = tuple[int, int, int, int]


# --- Ed25519, RFC 8032 section 5.1.7 -------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1


def _x_of(y: int, odd: int) -> int | None:
    """The x of the curve's point with this y; None when there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and odd):
        return None
    return x if x & 1 == odd else P - x


def _point(raw: bytes) -> Point | None:
    number = int.from_bytes(raw, "little")
    y, odd = number & ((1 << 255) - 1), number >> 255
    x = _x_of(y, odd)
    return None if x is None else (x, y, 1, x * y % P)


def _add(a: Point, b: Point) -> Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    k, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, z - k, z + k, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(count: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while count:
        if count & 1:
            total = _add(total, point)
        point, count = _add(point, point), count >> 1
    return total


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def ed25519_fits(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` was made under `message` with the other half of `key`."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, r = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    base = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    if public is None or r is None or base is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return _same(_times(s, base), _add(r, _times(k, public)))


# --- Canonical JSON, RFC 8785 --------------------------------------------------------------------------------------


def canonical(value: Any) -> str:
    """`value` as RFC 8785 writes it. Raises ValueError for what JSON cannot carry."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(canonical(key) + ":" + canonical(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """A number as ECMAScript writes it: the same digits that Python finds, put otherwise."""
    if not math.isfinite(value):
        raise ValueError("not a number of JSON")
    if value == 0:
        return "0"
    sign, mantissa = ("-", repr(-value)) if value < 0 else ("", repr(value))
    mantissa, _, power = mantissa.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(power or "0") - (len(whole + fraction) - len(digits))  # digits before the point
    digits = digits.rstrip("0")
    return sign + _put(digits, point)


def _put(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    rest = "." + digits[1:] if count > 1 else ""
    return "{}{}e{}{}".format(digits[0], rest, "+" if point > 0 else "-", abs(point - 1))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# --- The proof -----------------------------------------------------------------------------------------------------


class Faults(list[str]):
    def unless(self, holds: bool, fault: str) -> bool:
        if not holds:
            self.append(fault)
        return holds


class Proof:
    def __init__(self, said: Json, key: str | None = None) -> None:
        self.said = said
        self.key_text = key or said["office"]["public_key"]
        self.faults = Faults()
        self.notes: list[str] = []

    def check(self) -> None:
        if not self.faults.unless(self.said.get("format") == FORMAT, "this is no proof of a kind known here"):
            return
        own = self.said["office"]["public_key"]
        self.faults.unless(self.key_text == own, "the office's key in the file is not the one you gave")
        statement, signature = self.said["statement"], self.said["signature"]
        self.faults.unless(self.signed(statement, signature), "the office's signature under the export does not fit")
        self.faults.unless(statement["gate"] == self.said["gate"]["id"], "the export was signed for another gate")
        self.faults.unless(statement["day"] == self.said["day"], "the export was signed for another day")
        shown = [self.journal(part) for part in self.said["journals"]]
        self.faults.unless(statement["journals"] == shown, "the journals are not those that the office signed for")
        self.counted()

    def journal(self, part: Json) -> Json:
        """Checks one journal's events; what of it the office should have signed for."""
        name, seq, digest = part["journal"], part["before"]["seq"], part["before"]["digest"]
        where = f"journal {name} "
        signed = [seal["seq"] for seal in part["seals"]]
        begins = seq + 1 in signed if seq else digest == ZEROS
        self.faults.unless(begins, where + "begins neither at its beginning nor with a countersigned head")
        heads = {}
        for event in part["events"]:
            number = event["seq"]
            if not self.faults.unless(number == seq + 1, f"{where}event {seq + 1} is missing"):
                break
            self.event(name, event, digest)
            seq, digest = number, event["digest"]
            heads[seq] = digest
        for seal in part["seals"]:
            self.sealed(part, seal, heads)
        return {"journal": name, "first": part["before"]["seq"] + 1, "last": seq, "digest": digest}

    def event(self, journal: str, event: Json, before: str) -> None:
        where = "journal {} event {} ({}, {}): ".format(journal, event["seq"], event["kind"], event["at"])
        self.faults.unless(event["prev"] == before, where + "does not continue the one before it")
        try:
            body = canonical({"journal": journal, **{name: event[name] for name in DIGESTED}})
        except (KeyError, ValueError) as error:
            self.faults.append(where + f"cannot be read: {error}")
            return
        self.faults.unless(sha256(body) == event["digest"], where + "its digest does not fit its content")

    def sealed(self, part: Json, seal: Json, heads: dict[int, str]) -> None:
        where = "journal {} day {}: ".format(part["journal"], seal["day"])
        statement = {name: seal[name] for name in ("day", "journal", "seq", "digest")}
        statement["gate"] = self.said["gate"]["id"]
        self.faults.unless(seal["journal"] == part["journal"], where + "the countersignature is of another journal")
        fits = self.signed(statement, seal["signature"])
        self.faults.unless(fits, where + "the office's countersignature does not fit")
        same = heads.get(seal["seq"]) == seal["digest"]
        self.faults.unless(same, where + "event {} is not the one that was countersigned".format(seal["seq"]))

    def counted(self) -> None:
        """The passages of the day against the gate's own count."""
        closes = [event for event in self.events() if event["kind"] == "day.close" and self.is_of_day(event)]
        passages = sum(1 for event in self.events() if self.is_passage(event))
        if not closes:
            self.notes.append("The day is not closed by the gate in these events: nothing says how many there were.")
            return
        counted = closes[-1]["open"]["counts"].get("passages", 0)
        self.notes.append(f"Passages of the day: {passages} here, {counted} by the gate's own count.")
        self.faults.unless(passages >= counted, f"{counted - passages} passages that the gate counted are not here")

    def events(self) -> Iterator[Json]:
        for part in self.said["journals"]:
            yield from part["events"]

    def is_of_day(self, event: Json) -> bool:
        return bool(event["open"].get("day") == self.said["day"])

    def is_passage(self, event: Json) -> bool:
        begins, ends = (_time(self.said[name]) for name in ("begins", "ends"))
        real = event["kind"] == "passage" and event["open"].get("demo") is not True
        return real and begins <= _time(event["at"]) < ends

    def signed(self, statement: Json, signature: str) -> bool:
        try:
            key, raw = (base64.b64decode(text, validate=True) for text in (self.key_text, signature))
        except ValueError:
            return False
        return ed25519_fits(key, canonical(statement).encode("utf-8"), raw)

    def report(self) -> Iterator[str]:
        yield "Gate {} ({}), day {}".format(self.said["gate"]["name"], self.said["gate"]["id"], self.said["day"])
        yield "Office {}, key {}".format(self.said["office"]["name"], self.key_text)
        for part in self.said["journals"]:
            numbers = [event["seq"] for event in part["events"]]
            span = f"{numbers[0]} to {numbers[-1]}" if numbers else "none"
            yield "Journal {}: events {}".format(part["journal"], span)
            for seal in part["seals"]:
                yield "  day {} countersigned: event {}, digest {}".format(seal["day"], seal["seq"], seal["digest"])
        yield from self.notes
        for fault in self.faults:
            yield "FAILS: " + fault
        yield f"NOT OK: {len(self.faults)} faults" if self.faults else "OK: everything holds"


def _time(text: str) -> datetime:
    return datetime.strptime(text.replace("Z", "+0000"), "%Y-%m-%dT%H:%M:%S.%f%z")


def load(path: Path) -> Json:
    if zipfile.is_zipfile(str(path)):
        with zipfile.ZipFile(str(path)) as archive:
            return dict(json.loads(archive.read("proof.json").decode("utf-8")))
    return dict(json.loads(path.read_text(encoding="utf-8")))


def main(arguments: list[str]) -> int:
    key = None
    if arguments[:1] == ["--key"] and len(arguments) > 1:
        key, arguments = arguments[1], arguments[2:]
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent / "proof.json"
    try:
        proof = Proof(load(path), key)
        proof.check()
        lines = list(proof.report())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        sys.stdout.write(f"{path}: cannot be checked ({type(error).__name__}: {error})" + "\n")
        return 2
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if proof.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
