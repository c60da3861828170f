"""The papers of a made-up province, for tests to change one thing at a time."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk.codes.provincial import Province, parse

AT = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
TOKEN = "ab12" * 8

DOCUMENT: dict[str, Any] = {
    "id": "someplace",
    "title": {"zh": "某省码", "en": "Someplace Code"},
    "unverified_against_live": False,
    "secret_env": "SOMEPLACE_SECRET",
    "form": [
        {
            "begins": "https://code.someplace.example/",
            "pattern": r"https://code\.someplace\.example/(?P<token>[0-9a-z]{32})(?P<made>[0-9]{13})",
            "made": "unix-ms",
            "life_s": 60,
        }
    ],
    "request": {
        "url": "https://api.someplace.example/verify",
        "fields": {"token": "{token}", "time": "{time}", "nonce": "{nonce}", "sign": "{signature}"},
        "sign": {"recipe": "sha256-timestamp-token-nonce"},
    },
    "answer": {
        "code": "/code",
        "ok": ["0"],
        "errors": {"111": "expired", "112": "unknown-issuer", "116": "not-permitted"},
        "level": "/data/level",
        "levels": {"00": "green", "01": "yellow", "10": "red", "40": "expired", "50": "absent", "70": "timeout"},
        "person": {"name": "/data/name", "id_number": "/data/id", "phone": "/data/phone"},
        "tests": {
            "items": "/data/tests",
            "taken_at": "/time",
            "result": "/result",
            "results": {"阴性": "negative", "阳性": "positive"},
        },
        "vaccinations": {"items": "/data/doses", "date": "/day", "dose": "/n", "doses": "/of", "product": "/what"},
        "must": ["name"],
    },
}
DATA = {"level": "00", "name": "王小明", "id": "35010219880512042X", "phone": "13812348000"}


def text(made_at: datetime = AT, token: str = TOKEN) -> str:
    return f"https://code.someplace.example/{token}{int(made_at.timestamp() * 1000)}"


def province(**changed: Any) -> Province:
    """The made-up province; `answer__must=[]` changes a place within."""
    document = copy.deepcopy(DOCUMENT)
    for place, value in changed.items():
        *tables, key = place.split("__")
        table = document
        for name in tables:
            table = table[int(name)] if isinstance(table, list) else table[name]  # type: ignore[assignment]
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return parse(document)


def body(code: str = "0", **data: Any) -> bytes:
    """A good answer with something changed; None takes it away."""
    merged = {key: value for key, value in {**DATA, **data}.items() if value is not None}
    return json.dumps({"code": code, "data": merged}, ensure_ascii=False).encode()


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)
