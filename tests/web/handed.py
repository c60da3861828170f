"""A gate with a bundle of its office in place: lists, places, announcements. No office runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from kiosk import tokens
from kiosk.codes import declaration
from kiosk.identity import Identity
from kiosk.model import iso
from kiosk.service import GateService
from tests.kiosk.test_handdown import OFFICE_KEY, contents, manifest
from tests.web import gating
from web.serving import utc_now

GATE, TOKEN_KEY = "g1", bytes(range(32))

CODES = {state: declaration.number(f"{number}234567") for number, state in enumerate(("valid", "early", "expired"), 2)}
CODES |= {state: declaration.number(f"{number}234567") for number, state in enumerate(("used", "cancelled"), 5)}


def build(var: Path, sections: Mapping[str, Any] | None = None, **more: Any) -> GateService:
    """A gate whose hand-down holds `sections`, or everything that this module has; `more` as for `gating.build`."""
    var.mkdir(parents=True, exist_ok=True)
    Identity(GATE, "c1", "幸福社区", "http://127.0.0.1:1", OFFICE_KEY, TOKEN_KEY).save(var)
    service = gating.build(var, **more)
    plain = {"places": PLACES, "regions": REGIONS, "declarations": announcements()} if sections is None else sections
    encoded = {name: json.dumps(section, ensure_ascii=False).encode() for name, section in plain.items()}
    service.handdown.swap(manifest(1, encoded), contents(encoded))
    return service


PLACES = {
    "places": [{"id": "p1", "name": "幸福小区", "limit": 300, "gates": [GATE]}],
    "clinics": [
        {
            "kind": "fever-clinic",
            "name": {"zh": "区人民医院发热门诊", "en": "District hospital, fever clinic"},
            "address": "健康路 8 号",
            "phone": "0592-1234567",
            "hours": "24 小时",
        },
        {"kind": "fever-clinic", "name": {"zh": "第二医院", "en": "Second hospital"}},
    ],
}
REGIONS = {
    "regions": [
        {"code": "350203", "name": {"zh": "厦门市思明区", "en": "Siming, Xiamen"}, "level": "high"},
        {"code": "3505", "name": {"zh": "泉州市", "en": "Quanzhou"}, "level": "medium"},
    ]
}


def announcements() -> dict[str, Any]:
    """One announcement in each state, each under its code of CODES."""
    now, day = utc_now(), timedelta(days=1)
    times = {"early": (now + day, now + 2 * day), "expired": (now - 2 * day, now - day)}
    return {
        "entries": [
            {
                "id": f"d-{state}",
                "tokens": [tokens.token(TOKEN_KEY, "declaration", code)],
                "kind": "visitor",
                "name": "陈*",
                "from": iso(times.get(state, (now - day, now + day))[0]),
                "until": iso(times.get(state, (now - day, now + day))[1]),
                "used": state == "used",
                "cancelled": state == "cancelled",
            }
            for state, code in CODES.items()
        ]
    }
