"""The API described for machines: OpenAPI 3.1, its schemas taken from the very types that read the messages."""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk import __version__
from sync import protocol

_SIGNATURE = (
    "RFC 9421 HTTP Message Signatures, Ed25519, over @method, @target-uri and content-digest, with created, nonce and "
    "keyid (the gate's id). docs/protocol.md gives an example."
)
_VERSIONS = (
    f"A gate says which version it speaks in {protocol.SPOKEN_HEADER} (1.0 when it says nothing), and so does the "
    f"office in every answer. {protocol.OLDEST}.x to {protocol.VERSION}.x are understood, newer minor ones included."
)
MESSAGES = (
    protocol.Enroll,
    protocol.Enrolled,
    protocol.KeyChange,
    protocol.KeyChanged,
    protocol.Events,
    protocol.Receipt,
    protocol.Heartbeat,
    protocol.Beat,
    protocol.Manifest,
    protocol.Problem,
)
_REFUSALS = {
    "400": "malformed: not what this call takes",
    "426": "upgrade: the gate speaks a version of the protocol that is too old here; its software must be updated",
    "401": "signature, clock, replay or unknown-gate: not what an enrolled gate sent just now",
    "413": "too-large: send less at a time",
    "415": "encoding: only gzip is known",
    "503": "unavailable: try again after Retry-After",
}


def document() -> dict[str, Any]:
    """The whole description, as plain JSON values."""
    _, schemas = msgspec.json.schema_components(MESSAGES, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gatehouse street office",
            "version": __version__,
            "summary": f"What gates call, protocol version {protocol.SPOKEN}",
            "description": _VERSIONS,
            "x-protocol": {"spoken": protocol.SPOKEN, "oldest": f"{protocol.OLDEST}.0"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": _paths(),
        "security": [{"gate": []}],
        "components": {
            "schemas": schemas,
            "securitySchemes": {"gate": {"type": "http", "scheme": "signature", "description": _SIGNATURE}},
        },
    }


def _paths() -> dict[str, Any]:
    return {
        protocol.ENROLL: {"post": _enroll()},
        protocol.KEY: {"post": _key()},
        protocol.EVENTS: {"post": _events()},
        protocol.HEARTBEAT: {
            "post": _call("heartbeat", "Say how the gate is", takes="Heartbeat", gives=_answer("Beat", "heard"))
        },
        protocol.BUNDLE: {"get": _bundle()},
        protocol.SECTION + "{sha256}": {"get": _section()},
        protocol.OPENAPI: {"get": _openapi()},
    }


def _enroll() -> dict[str, Any]:
    refusals = {
        "400": _problem("malformed: not what this call takes"),
        "403": _problem("token: unknown, used or expired"),
        "413": _problem("too-large"),
        "415": _problem("encoding: only gzip is known"),
        "426": _problem(_REFUSALS["426"]),
        "429": _problem("busy: too many tries from one address; wait for Retry-After"),
    }
    call = _call(
        "enroll", "Let a gate in, with its one-time token", takes="Enroll", gives=_answer("Enrolled", "let in")
    )
    return {**call, "security": [], "responses": {"200": call["responses"]["200"], **refusals}}


def _key() -> dict[str, Any]:
    more = {"409": _problem("key: `replaces` is not the key in force")}
    gives = _answer("KeyChanged", "in force; the key before it is refused")
    return _call(
        "key", "Change the gate's key, announced under the one in force", takes="KeyChange", gives=gives, more=more
    )


def _events() -> dict[str, Any]:
    more = {
        "409": _problem("gap: send from `expected`; fork: another event is known under number `seq`"),
        "422": _problem("chain: event `seq` does not continue the chain, or does not fit its seal or digest"),
    }
    return _call("events", "Hand in events", takes="Events", gives=_answer("Receipt", "held"), more=more)


def _bundle() -> dict[str, Any]:
    more = {
        "403": _problem("suspended: nothing is handed down for now"),
        "204": {"description": "nothing has been published yet"},
        "304": {"description": "as If-None-Match knows it"},
    }
    gives = _answer("Manifest", "the manifest in force")
    gives["headers"] = {"ETag": {"schema": {"type": "string"}}}
    call = _call("bundle", "What the office hands down", gives=gives, more=more)
    etag = {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}
    return {**call, "parameters": [etag]}


def _section() -> dict[str, Any]:
    gives = {"description": "the section's bytes", "content": {"application/octet-stream": {}}}
    call = _call(
        "section",
        "One section by its SHA-256",
        gives=gives,
        more={"403": _problem("suspended"), "404": _problem("not-found")},
    )
    sha256 = {
        "name": "sha256",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
    return {**call, "parameters": [sha256]}


def _openapi() -> dict[str, Any]:
    answer = {"description": "this document", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"operationId": "openapi", "summary": "This description", "security": [], "responses": {"200": answer}}


def _call(
    name: str, summary: str, *, gives: dict[str, Any], takes: str | None = None, more: dict[str, Any] | None = None
) -> dict[str, Any]:
    refusals = {status: _problem(words) for status, words in _REFUSALS.items()}
    call: dict[str, Any] = {"operationId": name, "summary": summary}
    if takes:
        call["requestBody"] = {"required": True, "content": _content(takes)}
    return {**call, "responses": {"200": gives, **(more or {}), **refusals}}


def _answer(message: str, words: str) -> dict[str, Any]:
    return {"description": words, "content": _content(message)}


def _problem(words: str) -> dict[str, Any]:
    return _answer("Problem", words)


def _content(message: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{message}"}}}
