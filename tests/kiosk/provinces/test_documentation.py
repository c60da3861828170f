"""docs/provinces.md shows files that can be used as they stand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from kiosk.codes.provincial import SHIPPED, from_toml
from kiosk.config import Provinces
from kiosk.provinces.stand_in import PEOPLE

PAGE = (Path(__file__).parents[3] / "docs" / "provinces.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.+?)^```$", PAGE, flags=re.M | re.S)


def test_the_worked_example_is_a_province():
    (example,) = [block for block in BLOCKS if "[[form]]" in block]
    province = from_toml(example)
    assert province.claims("https://code.mine.example/" + "0a" * 16 + "1795318200000")


def test_the_settings_shown_are_settings():
    (example,) = [block for block in BLOCKS if "[provinces]" in block]
    settings = Provinces(**tomllib.loads(example.replace("https://…", "https://api.example"))["provinces"])
    assert settings.enabled == ("sukang", "mine")


def test_every_shipped_province_and_every_inhabitant_is_named():
    assert [name for name in (*SHIPPED, *PEOPLE) if f"`{name}`" not in PAGE] == []
