"""A new signing key for a gate: made here, announced under the old one, in force with the office's word.

The new key lies on the disk before the office hears of it, and the old one until the office has said under its
signature that the new one is in force. Whatever is lost in between, the office knows the gate by one of the two, and
`Line` tries both. docs/protocol.md has the messages.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import partial

import structlog
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from kiosk import signet
from kiosk.cli.options import CONFIG, ConfigPath
from kiosk.config import load
from kiosk.errors import SyncError
from kiosk.identity import Identity, Keys
from kiosk.keyring import KeyRing, public_bytes
from sync import line, protocol
from sync.clock import OfficeClock
from sync.line import Credential, Line, LineError, Refusal

log = structlog.get_logger(__name__)


def wanted(beat: protocol.Beat, keys: KeyRing, identity: Identity) -> bool:
    """Whether the office has this gate make itself a new key: signed by it, about the key now in use."""
    if not beat.renew_key:
        return False
    statement = protocol.renew_statement(identity.gate, _text(keys.current), beat.time)
    return signet.fits(identity.office_key, statement, beat.renew_key)


def roll_over(office: Line, keys: KeyRing, identity: Identity) -> None:
    """Replace the gate's signing key.

    Raises SyncError or IdentityError; whatever came of it, the gate can go on calling, and trying again goes on with
    the same new key.
    """
    following = keys.prepare()
    changed = _announce(office, keys, following, identity)
    statement = protocol.changed_statement(identity.gate, changed)
    if changed.public_key != _text(following) or not signet.fits(identity.office_key, statement, changed.signature):
        raise LineError("rubbish", f"{office.office_url}: a change of key that the office did not sign")
    keys.use(following)
    log.info("rollover", gate=identity.gate)


def _announce(office: Line, keys: KeyRing, following: Ed25519PrivateKey, identity: Identity) -> protocol.KeyChanged:
    """What the office says to the new key; asked again where another one was in force than was thought."""
    in_use = keys.current
    try:
        answer = office.post(protocol.KEY, _change(identity, following, in_use))
    except Refusal as refusal:
        if refusal.word in ("not-found", "method"):
            raise LineError("version", "this office is of a version that knows no new keys") from refusal
        if keys.current is in_use:
            raise
        answer = office.post(protocol.KEY, _change(identity, following, keys.current))
    return line.read(protocol.KeyChanged, answer, office.office_url)


def _change(identity: Identity, following: Ed25519PrivateKey, in_use: Ed25519PrivateKey) -> protocol.KeyChange:
    change = protocol.KeyChange(_text(following), replaces=_text(in_use), proof="")
    return structs.replace(change, proof=signet.sign(following, protocol.key_statement(identity.gate, change)))


def _text(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(public_bytes(key)).decode("ascii")


def rollover(config: ConfigPath = CONFIG) -> None:
    """Replace the key with which this gate signs, for example after its disk was in other hands.

    Works while the gate runs. Example: python -m sync rollover
    """
    settings = load(config)
    var = settings.gate.var
    if (identity := Identity.load(var)) is None:
        raise SyncError("this gate is not enrolled yet: python -m kiosk enroll URL TOKEN")
    keys, clock = KeyRing(Keys.load(var).sign, var), OfficeClock(partial(datetime.now, UTC))
    office = Line(identity.office_url, settings.sync.timeout_s, Credential(identity.gate, keys, clock))
    try:
        roll_over(office, keys, identity)
    finally:
        office.close()
    typer.echo(f"gate {identity.gate} signs with a new key; the office refuses the one before")
