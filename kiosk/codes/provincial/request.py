"""What is sent to a province's server: from the file's templates, the scanned text and the gate to one request."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from pydantic import AfterValidator, Field, model_validator

from kiosk.codes.provincial.signing import SIGNATURE, Sign
from kiosk.codes.provincial.table import Table
from kiosk.codes.provincial.template import Template, fill, fill_all, known_template, names
from kiosk.codes.provincial.times import UNIX_MS, TimeFormat
from kiosk.loopback import is_loopback

GATE_NAMES = ("endpoint", "app", "position", "department", "name", "phone")  # what Gate says
OWN_NAMES = frozenset({"text", "time", "nonce", "secret", SIGNATURE, *GATE_NAMES})

_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
_PRINTABLE_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_ENDPOINT = "{endpoint}"


class Secret:
    """A secret that shows itself to nobody but the one who asks for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"


@dataclass(frozen=True, slots=True)
class Gate:
    """Who asks: the address and the application that the province's contract gave, and who verifies where."""

    endpoint: str = ""
    app: str = ""
    position: str = ""
    department: str = ""
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request, ready to be sent. Only its method is shown in a repr: the rest names people and holds secrets."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def checked_address(url: str) -> str:
    """`url` when a request may go there: https, or http to this machine itself. Raises ValueError."""
    parts = urlsplit(url)
    host = parts.hostname
    _ = parts.port  # raises for a port that is none
    if not host or not url.isascii() or not url.isprintable() or " " in url or "@" in parts.netloc or parts.fragment:
        raise ValueError("must be an address like https://province.example/verify")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("must be https (http only to this machine itself)")
    return url


def _known_url(url: str) -> str:
    """An address whose host nothing scanned can change."""
    rest = known_template(url).removeprefix(_ENDPOINT)
    if "endpoint" in names(rest):
        raise ValueError(f"{_ENDPOINT} may only stand at the beginning")
    if rest == url:
        if "{" in urlsplit(url).netloc:
            raise ValueError("nothing may be filled into the host")
        checked_address(fill(url, dict.fromkeys(names(url), "x")))
    elif not rest.startswith(("/", "?")) and rest:
        raise ValueError(f"after {_ENDPOINT} comes a / or a ?")
    return url


def _known_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Templates in a table, however deep. Raises ValueError for what JSON cannot hold."""
    for value in _leaves(fields):
        if isinstance(value, str):
            known_template(value)
        elif not isinstance(value, bool | int):
            raise ValueError(f"{value!r} must be text, a whole number, true or false")
    return fields


def _known_headers(headers: dict[str, str]) -> dict[str, str]:
    for name in headers:
        if not _HEADER.fullmatch(name):
            raise ValueError(f"{name!r} is no header's name")
    return headers


class Request(Table):
    """[request]: templates over `text`, the groups of the pattern, `time`, `nonce`, `secret`, `signature` and Gate.

    `inside` names the one form field that holds all `fields` as JSON text.
    """

    method: Literal["GET", "POST"] = "POST"
    url: Annotated[str, AfterValidator(_known_url)]
    body: Literal["form", "json", "none"] = "form"
    inside: str = ""
    time: TimeFormat = UNIX_MS
    headers: Annotated[dict[str, Template], AfterValidator(_known_headers)] = Field(default_factory=dict)
    query: dict[str, Template] = Field(default_factory=dict)
    fields: Annotated[dict[str, Any], AfterValidator(_known_fields)] = Field(default_factory=dict)
    sign: Sign = Sign()

    @model_validator(mode="after")
    def _fits_together(self) -> Request:
        if {"secret"} & names((self.url, self.query)):
            raise ValueError("a secret must not stand in an address, where every log keeps it")
        if (self.method == "GET" or self.body == "none") and (self.fields or self.inside):
            raise ValueError("a GET, or a body of none, has no fields")
        if self.inside and self.body != "form":
            raise ValueError("inside goes with a form")
        if self.body == "form" and not self.inside and any(isinstance(v, dict | list) for v in self.fields.values()):
            raise ValueError("a form's fields cannot hold tables; use json, or inside")
        if (SIGNATURE in self.uses) != (self.sign.recipe != "none"):
            raise ValueError("a recipe and {signature} go together")
        return self

    @property
    def uses(self) -> frozenset[str]:
        """Every name that must be known before a request can be made."""
        return names((self.url, self.headers, self.query, self.fields)) | self.sign.uses

    def outgoing(self, values: Mapping[str, str]) -> Outgoing:
        """The request with every name of `uses` filled in. Raises ValueError for an address it may not go to."""
        values = {**values, SIGNATURE: ""}
        values[SIGNATURE] = self.sign.signature(values, self._parameters(values))
        rest = self.url.removeprefix(_ENDPOINT)
        url = fill(rest, values, lambda value: quote(value, safe=""))
        url = url if rest == self.url else values["endpoint"] + url
        if self.query:
            url += ("&" if "?" in url else "?") + urlencode(fill_all(self.query, values))
        headers = {name: quote(fill(value, values), safe=_PRINTABLE_ASCII) for name, value in self.headers.items()}
        kind, body = self._body(fill_all(self.fields, values))
        return Outgoing(self.method, checked_address(url), {**headers, **kind}, body)

    def _parameters(self, values: Mapping[str, str]) -> dict[str, str]:
        """What `sha256-sorted` covers: query and fields, without tables and without the signature's own place."""
        every = {**self.query, **self.fields}
        plain = {name: value for name, value in every.items() if not isinstance(value, dict | list)}
        unsigned = {name: value for name, value in plain.items() if SIGNATURE not in names(value)}
        return {name: _as_text(value) for name, value in fill_all(unsigned, values).items()}

    def _body(self, fields: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
        if self.method == "GET" or self.body == "none":
            return {}, b""
        if self.body == "json":
            return {"Content-Type": "application/json; charset=utf-8"}, _as_json(fields).encode()
        pairs = {name: _as_text(value) for name, value in fields.items()}
        pairs = {self.inside: _as_json(fields)} if self.inside else pairs
        return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(pairs).encode()


def _as_json(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _leaves(value: Any) -> list[Any]:
    match value:
        case dict():
            return [leaf for inner in value.values() for leaf in _leaves(inner)]
        case list():
            return [leaf for inner in value for leaf in _leaves(inner)]
        case _:
            return [value]
