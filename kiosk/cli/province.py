"""python -m kiosk province: provinces' files tried out, and a province of our own to try them on."""

from __future__ import annotations

import json
import os
import secrets
import signal
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from kiosk.cli.options import CONFIG, AsJson, ConfigPath
from kiosk.codes.provincial import SHIPPED, Province, Secret, shipped
from kiosk.codes.provincial.province import UNVERIFIED_ZH
from kiosk.config import Access, Provinces, load
from kiosk.errors import GatehouseError
from kiosk.model import iso, mask_name, mask_number
from kiosk.provinces import access, line
from kiosk.provinces.stand_in import PEOPLE, SECRET, Fault, StandIn, draw, printed

app = typer.Typer(help="Provincial health codes: check a file, ask once, play a province.", no_args_is_help=True)

FileOrId = Annotated[str, typer.Argument(help=f"A province's TOML file, or one that is shipped: {', '.join(SHIPPED)}.")]
HIDDEN = Secret("********")


@app.command("check")
def check(file: FileOrId, as_json: AsJson = False) -> None:
    """Say whether a province's file can be used, and everything that is wrong with it.

    Example: python -m kiosk province check provinces/mine.toml
    """
    province = _province(file)
    said = {
        "id": province.id,
        "zh": province.said.zh,
        "en": province.said.en,
        "forms": len(province.form),
        "needs": sorted(province.needs),
        "secret_env": province.secret_env,
        "unverified_against_live": province.unverified_against_live,
        "demo": province.demo,
    }
    if as_json:
        print(json.dumps(said, ensure_ascii=False))
        return
    print(f"{province.id}: {province.said.zh} · {province.said.en}: good")
    print(f"needs from the gate: {', '.join(sorted(province.needs)) or 'nothing'}")
    if province.unverified_against_live:
        print(f"{UNVERIFIED_ZH} · nobody has tried it on the live service yet")


@app.command("try")
def try_once(
    file: FileOrId,
    text: Annotated[str, typer.Argument(help="What a symbol of that province says.")],
    config: ConfigPath = CONFIG,
    endpoint: Annotated[str | None, typer.Option(help="Ask here instead of where kiosk.toml says.")] = None,
) -> None:
    """Ask a province's server once and tell what happened, secrets and people masked. Exit code 1 without a judgment.

    Example: python -m kiosk province try suishen https://s.sh.gov.cn/…
    """
    province = _province(file)
    settings = _settings(config, province, endpoint)
    if not _tried(province, text, settings):
        raise typer.Exit(1)


@app.command("serve")
def serve(
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0 takes a free one.")] = 8790,
    latency: Annotated[float, typer.Option(help="Seconds before each answer.", min=0, max=60)] = 0,
    fault: Annotated[Fault, typer.Option(help="What is wrong with it.")] = Fault.NONE,
) -> None:
    """Play the test province until Ctrl-C; every answer is marked as a demonstration.

    Example: python -m kiosk province serve --port 8790 --latency 2
    """
    name = shipped("test-province").secret_env or ""
    try:
        province = StandIn(port, secret=os.environ.get(name) or SECRET, latency_s=latency, fault=fault)
    except OSError as error:
        raise GatehouseError(f"port {port} cannot be used: {error.strerror}; name another with --port") from error
    given = f"${name}" if os.environ.get(name) else f"{SECRET!r}; give the gate {name}={SECRET}"
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell that starts it in the background has it ignore Ctrl-C
        signal.signal(ending, signal.default_int_handler)
    print(f"测试省 · test province at {province.url} (fault {fault.value}, secret {given})", flush=True)
    try:
        province.serve()
    except KeyboardInterrupt:
        print("stopped")


@app.command("code")
def code(
    person: Annotated[str, typer.Argument(help=f"One of {', '.join(PEOPLE)}.")],
    on_paper: Annotated[bool, typer.Option("--printed", help="A code on paper, which does not age.")] = False,
) -> None:
    """Print what a symbol of the test province says now: good for a minute, and once.

    Example: python -m kiosk province code green
    """
    try:
        print(printed(person) if on_paper else draw(person, datetime.now(UTC)))
    except ValueError as error:
        raise GatehouseError(str(error)) from error


def _province(file: str) -> Province:
    path = Path(file)
    return shipped(file) if file in SHIPPED and not path.exists() else access.read_file(path)


def _settings(config: Path, province: Province, endpoint: str | None) -> Provinces:
    settings = load(config).provinces
    if endpoint is None:
        return settings
    given = settings.access.get(province.id, Access()).model_copy(update={"endpoint": endpoint})
    return settings.model_copy(update={"access": {**settings.access, province.id: given}})


def _tried(province: Province, text: str, settings: Provinces) -> bool:
    """Ask once, step by step; whether the server came to a judgment."""
    at = datetime.now(UTC)
    offline = province.offline(text, at)
    print(f"the text        {'is one of' if province.claims(text) else 'is none of'} {province.said.zh}")
    print(f"by itself       {offline.verification.value}, {offline.reason}")
    if offline.made_at:
        print(f"drawn           {iso(offline.made_at)}, lives {offline.life_s:g} s")
    if not province.claims(text):
        return False
    ready = access.access(province, settings)
    if ready.missing:
        print(f"not set up      missing: {', '.join(ready.missing)}")
        return False
    nonce = secrets.token_hex(16)
    _show_question(province, text, at, nonce, ready)
    return _show_answer(province, text, at, province.outgoing(text, at, nonce, ready.secret, ready.gate), settings)


def _show_question(province: Province, text: str, at: datetime, nonce: str, ready: access.Access) -> None:
    """The request as it would look with another secret: same places, nothing to steal."""
    shown = province.outgoing(text, at, nonce, HIDDEN if ready.secret else None, ready.gate)
    print(f"asked           {shown.method} {shown.url}")
    for name, value in shown.headers.items():
        print(f"                {name}: {value}")
    if shown.body:
        print(f"                {shown.body.decode()}")
    if ready.secret:
        print("                (written with a placeholder for the secret; what was sent is signed with the real one)")


def _show_answer(province: Province, text: str, at: datetime, outgoing: Any, settings: Provinces) -> bool:
    try:
        reply = line.ask(outgoing, settings.timeout_s)
    except line.NoAnswer as error:
        print(f"no answer       {error.word}")
        return False
    judged = province.judged(text, reply.status, reply.body, at)
    code = judged.code
    print(f"answered        HTTP {reply.status}, {len(reply.body)} bytes")
    print(f"judged          {code.verification.value}, {code.reason or 'nothing wrong'}, level {code.level.value}")
    for why in judged.why:
        print(f"because         {why}")
    holder = asdict(code.holder)
    print(f"holder          {mask_name(holder['name'])} {mask_number(holder['id_number'] or holder['id_last4'])}")
    print(f"tests           {[(test.kind, test.result, iso(test.taken_at)) for test in code.tests]}")
    print(f"vaccinations    {[(dose.dose, dose.doses, dose.date) for dose in code.vaccinations]}")
    return code.verification.value != "unverified"
