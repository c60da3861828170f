from __future__ import annotations

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner, Result

from kiosk.cli.read import read
from kiosk.codes import IssuerKey, Trust, jwk, office_pass, shc
from kiosk.codes.office_pass import PassClaims
from kiosk.errors import GatehouseError
from tests.kiosk.codes.shc.cards import PATIENT, Clinic, claims, shot

app = typer.Typer()
app.command()(read)

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = KEY.public_key()
NOON = "2026-11-22T04:00:00Z"
PASS = office_pass.issue(
    PassClaims(
        serial=bytes(16),
        name="王小明",
        issuer="青山街道",
        valid_from=datetime(2026, 11, 21, tzinfo=UTC),
        valid_until=datetime(2026, 12, 5, tzinfo=UTC),
        id_last4="123X",
    ),
    KEY,
)
NOBODY = {"name": "", "birth_date": "", "id_last4": "", "id_number": "", "phone": "", "household": ""}
GREEN = {
    "scheme": "level-token",
    "level": "green",
    "holder": NOBODY | {"name": "王芳"},
    "tests": [],
    "vaccinations": [],
    "recoveries": [],
    "issuer": "",
    "valid_from": "2026-11-22T03:30:00.000Z",
    "valid_until": None,
    "verification": "unverified",
    "reason": "unverifiable",
    "serial": "",
    "made_at": None,
    "part": None,
}
GOOD_PASS = GREEN | {
    "scheme": "office-pass",
    "level": "none",
    "holder": NOBODY | {"name": "王小明", "id_last4": "123X"},
    "issuer": "青山街道",
    "valid_from": "2026-11-21T00:00:00.000Z",
    "valid_until": "2026-12-05T00:00:00.000Z",
    "verification": "verified",
    "reason": None,
    "serial": bytes(16).hex(),
}


def run(lines: str | bytes, *options: str) -> Result:
    return CliRunner().invoke(app, list(options), input=lines)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout_bytes.decode().splitlines()]


def line(**item: Any) -> str:
    return json.dumps(item) + "\n"


def section(tmp_path: Path, *, demo: bool = False) -> str:
    key = IssuerKey("office-pass", jwk.key_id(PUBLIC), PUBLIC, "ES256", demo=demo)
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(Trust.of([key]).to_section()))
    return str(path)


def test_each_text_is_one_line_with_exactly_the_documented_keys() -> None:
    result = run("GL1:green:王芳:20261122T033000Z\nhttps://example.com/menu\n\n")
    green, link, empty = answers(result)
    assert green == GREEN
    assert link == empty
    assert (link["scheme"], link["verification"], link["reason"]) == ("unknown", "failed", "unknown-scheme")
    assert list(link) == list(GREEN)
    assert result.exit_code == 0


def test_a_pass_is_verified_with_the_trust_section_at_the_time_told(tmp_path: Path) -> None:
    result = run(PASS + "\r\n", "--trust", section(tmp_path), "--at", NOON)
    assert answers(result) == [GOOD_PASS]
    (late,) = answers(run(PASS, "--trust", section(tmp_path), "--at", "2027-01-01T00:00:00+08:00"))
    assert (late["verification"], late["reason"]) == ("failed", "expired")


def test_demonstration_keys_count_only_when_asked_for(tmp_path: Path) -> None:
    trust = section(tmp_path, demo=True)
    assert answers(run(PASS, "--trust", trust, "--at", NOON))[0]["reason"] == "unknown-issuer"
    assert answers(run(PASS, "--trust", trust, "--at", NOON, "--demo")) == [GOOD_PASS]


def test_a_films_side_file_brings_its_keys_and_revocations(tmp_path: Path) -> None:
    trust = json.loads(Path(section(tmp_path)).read_text())
    side = tmp_path / "film.mp4.json"
    side.write_text(json.dumps({"trust": trust, "revoked": {"serials": {"office-pass": [bytes(16).hex()]}}}))
    assert answers(run(PASS, "--trust", str(side), "--at", NOON))[0]["reason"] == "revoked"


@pytest.mark.parametrize(
    "item",
    [
        jwk.from_public_key(PUBLIC),
        jwk.from_public_key(PUBLIC) | {"kid": jwk.key_id(PUBLIC).hex()},
        base64.b64encode(PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode(),
    ],
)
def test_an_object_brings_its_own_time_and_keys(item: object) -> None:
    result = run(line(text=PASS, at=NOON, trust=[item]) + line(text=PASS, at=NOON), "--jsonl")
    trusted, untrusted = answers(result)
    assert trusted == GOOD_PASS
    assert untrusted["reason"] == "unknown-issuer"
    assert result.exit_code == 0


def test_a_card_in_several_parts_is_read_whole_in_any_order() -> None:
    clinic = Clinic()
    texts = shc.write(shc.issue(claims(PATIENT, shot("2021-01-01")), clinic.private), 3)
    trust = [jwk.from_public_key(clinic.private.public_key()) | {"issuer": clinic.url}]
    told = {"at": NOON, "trust": trust}
    lines = line(parts=[texts[2], texts[0], texts[2], texts[1]], **told) + line(parts=texts[:2], **told)
    whole, some = answers(run(lines + line(text=texts[1], **told), "--jsonl"))[:2]
    assert (whole["verification"], whole["holder"]["name"], whole["part"]) == ("verified", "Ana M. Rivera", None)
    assert whole["vaccinations"] == [{"product": "Moderna (CVX 207)", "dose": 1, "doses": 2, "date": "2021-01-01"}]
    assert (some["reason"], some["part"]) == ("incomplete", {"number": 2, "total": 3})


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("", "not JSON"),
        ("GL1:green", "not JSON"),
        ("[" * 50_000, "nested too deeply"),
        ("[]", 'must be an object with a "text"'),
        ("{}", 'must be an object with a "text" or with "parts"'),
        ('{"text": "x", "parts": ["x"]}', 'must be an object with a "text" or with "parts"'),
        ('{"text": 5}', "text must be a text"),
        ('{"parts": []}', "parts a list of texts"),
        ('{"parts": "shc:/1/2/5676"}', "parts a list of texts"),
        ('{"parts": ["shc:/1/2/5676", 5]}', "parts a list of texts"),
        ('{"parts": ["shc:/1/2/5676", "GL1:green"]}', "parts[1]: no part of a card"),
        ('{"text": "x", "when": 1}', "unknown 'when'"),
        ('{"text": "x", "at": "noon"}', "at: 'noon' is no time"),
        ('{"text": "x", "at": "2026-11-22"}', "at: '2026-11-22' is no time with a zone"),
        ('{"text": "x", "at": 5}', "at: 5"),
        ('{"text": "x", "at": "0001-01-01T00:00:00+14:00"}', "at: "),
        ('{"text": "x", "trust": {}}', "trust must be a list"),
        ('{"text": "x", "trust": ["AAAA"]}', "trust[0]: neither a certificate nor a public key"),
        ('{"text": "' + "x" * 1_100_000 + '"}', "longer than"),
    ],
)
def test_a_line_that_cannot_be_read_says_so_and_the_rest_goes_on(bad: str, problem: str) -> None:
    result = run(line(text="GL1:red") + bad + "\n" + line(text="GL1:green"), "--jsonl")
    first, error, last = answers(result)
    assert (first["level"], last["level"]) == ("red", "green")
    assert list(error) == ["error"]
    assert error["error"].startswith("line 2: ")
    assert problem in error["error"]
    assert result.exit_code == 1


def test_bytes_that_are_no_text_say_so_and_the_rest_goes_on() -> None:
    result = run(b"\xff\xfe\nGL1:green\n")
    error, green = answers(result)
    assert error == {"error": "line 1: not UTF-8 text: invalid start byte at byte 1"}
    assert (green["level"], result.exit_code) == ("green", 1)


def test_an_endless_text_is_too_large_and_the_rest_goes_on() -> None:
    result = run("张" * 2_000_000 + "\nGL1:green\n")
    huge, green = answers(result)
    assert (huge["scheme"], huge["reason"], green["level"]) == ("unknown", "too-large", "green")
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--at", "noon"), "--at: 'noon' is no time"),
        (("--trust", "nowhere.json"), "--trust nowhere.json: cannot be read"),
    ],
)
def test_a_wrong_option_stops_before_anything_is_read(options: tuple[str, ...], problem: str) -> None:
    result = run("GL1:green\n", *options)
    assert isinstance(result.exception, GatehouseError)
    assert problem in str(result.exception)
    assert result.stdout == ""


def test_an_unusable_key_in_the_section_is_named_on_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_text('{"keys": [{"scheme": "office-pass"}]}')
    result = run("GL1:green\n", "--trust", str(path))
    assert "trust keys[0]: missing 'kid'" in result.stderr
    assert answers(result)[0]["level"] == "green"


def test_lines_are_answered_as_they_come() -> None:
    code = "import typer; from kiosk.cli.read import read; typer.run(read)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for level in ("green", "red"):
            process.stdin.write(f"GL1:{level}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["level"] == level
        process.stdin.close()
    assert process.returncode == 0
