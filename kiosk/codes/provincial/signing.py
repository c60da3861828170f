"""How vendors want a request signed: a small set of recipes, docs/provinces.md says what each one covers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal

from pydantic import model_validator

from kiosk.codes.provincial.table import Table
from kiosk.codes.provincial.template import Template, fill, names

SIGNATURE = "signature"  # the name by which a request's templates place it


class Sign(Table):
    """[request.sign].

    `hmac-sha256`: the `fields` joined, under the secret. `sha256-sorted`: `name=value` of every parameter that is not
    empty, sorted by name and joined by `&`, then `after` (usually `&key={secret}`).
    `sha256-timestamp-token-nonce`: time, secret, nonce, time, without anything between.
    """

    recipe: Literal["none", "hmac-sha256", "sha256-sorted", "sha256-timestamp-token-nonce"] = "none"
    fields: tuple[Template, ...] = ()
    join: str = ""
    after: Template = ""
    output: Literal["hex", "HEX", "base64"] = "hex"

    @model_validator(mode="after")
    def _nothing_idle(self) -> Sign:
        if bool(self.fields) != (self.recipe == "hmac-sha256"):
            raise ValueError("fields go with hmac-sha256, and it needs some")
        if self.after and self.recipe != "sha256-sorted":
            raise ValueError("after goes with sha256-sorted")
        if SIGNATURE in names((*self.fields, self.after)):
            raise ValueError("a signature cannot cover itself")
        return self

    @property
    def uses(self) -> frozenset[str]:
        """The names that the recipe itself needs."""
        match self.recipe:
            case "hmac-sha256":
                return names(self.fields) | {"secret"}
            case "sha256-sorted":
                return names(self.after)
            case "sha256-timestamp-token-nonce":
                return frozenset({"time", "nonce", "secret"})
            case _:
                return frozenset()

    def signature(self, values: Mapping[str, str], parameters: Mapping[str, str]) -> str:
        """The signature of a request; `parameters` are its query and body fields, without the signature."""
        match self.recipe:
            case "hmac-sha256":
                covered = self.join.join(fill(field, values) for field in self.fields)
                return self._written(hmac.digest(values["secret"].encode(), covered.encode(), "sha256"))
            case "sha256-sorted":
                pairs = [f"{name}={value}" for name, value in sorted(parameters.items()) if value]
                return self._digest("&".join(pairs) + fill(self.after, values))
            case "sha256-timestamp-token-nonce":
                return self._digest(values["time"] + values["secret"] + values["nonce"] + values["time"])
            case _:
                return ""

    def _digest(self, covered: str) -> str:
        return self._written(hashlib.sha256(covered.encode()).digest())

    def _written(self, digest: bytes) -> str:
        if self.output == "base64":
            return base64.b64encode(digest).decode()
        return digest.hex() if self.output == "hex" else digest.hex().upper()
