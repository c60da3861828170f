"""Published rules, good and bad, as an authority might have written them."""

from __future__ import annotations

from typing import Any

FRESH: dict[str, Any] = {  # a test not older than 72 hours
    "not-after": [
        {"plusTime": [{"var": "external.validationClock"}, 0, "hour"]},
        {"plusTime": [{"var": "payload.t.0.sc"}, 72, "hour"]},
    ]
}
KNOWN_DISEASE: dict[str, Any] = {
    "in": [{"var": "payload.t.0.tg"}, {"var": "external.valueSets.disease-agent-targeted"}]
}
VALUE_SETS = {"disease-agent-targeted": ["840539006"]}


def rule(identifier: str = "TR-DE-0001", logic: Any = FRESH, **changes: Any) -> dict[str, Any]:
    """A rule; a member that is `...` is left out."""
    document = {
        "Identifier": identifier,
        "Type": "Acceptance",
        "Country": "DE",
        "Version": "1.0.0",
        "SchemaVersion": "1.0.0",
        "Engine": "CERTLOGIC",
        "EngineVersion": "0.7.5",
        "CertificateType": "Test",
        "Description": [
            {"lang": "en", "desc": "At most 72 hours old."},
            {"lang": "de", "desc": "Höchstens 72 Stunden alt."},
        ],
        "ValidFrom": "2026-01-01T00:00:00Z",
        "ValidTo": "2027-01-01T00:00:00+01:00",
        "AffectedFields": ["t.0.sc"],
        "Logic": logic,
        **changes,
    }
    return {name: value for name, value in document.items() if value is not ...}
