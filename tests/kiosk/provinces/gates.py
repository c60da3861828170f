"""A gate's lookup before the test province."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from kiosk.codes.provincial import Province, shipped
from kiosk.config import Access, Provinces, Verifier
from kiosk.provinces import Lookup
from kiosk.provinces.stand_in import SECRET

NAME = "test-province"
ENVIRON = {"GATEHOUSE_TEST_PROVINCE_SECRET": SECRET}
TEST_PROVINCE = shipped(NAME)


def now() -> datetime:
    return datetime.now(UTC)


def provinces(url: str, **changed: Any) -> Provinces:
    """What kiosk.toml says of the test province at `url`."""
    settings: dict[str, Any] = {
        "enabled": (NAME,),
        "failures": 100,
        "verifier": Verifier(position="东门", department="幸福社区"),
        "access": {NAME: Access(endpoint=url, app="gate-7")},
    }
    return Provinces(**{**settings, **changed})


def lookup(
    url: str,
    *,
    province: Province = TEST_PROVINCE,
    environ: dict[str, str] = ENVIRON,
    monotonic: Callable[[], float] | None = None,
    demo: bool = True,
    **changed: Any,
) -> Lookup:
    clock = {"monotonic": monotonic} if monotonic else {}
    return Lookup((province,), provinces(url, **changed), demo=demo, environ=environ, **clock)


def without_copies() -> Province:
    """The test province without single-use tokens: phones show the same code for its whole life."""
    form = tuple(form.model_copy(update={"single_use": False}) for form in TEST_PROVINCE.form)
    return TEST_PROVINCE.model_copy(update={"form": form})


def state(asking: Lookup) -> dict[str, object]:
    (only,) = asking.state()
    return only
