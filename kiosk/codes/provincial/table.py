"""What every table of a province's file has in common: frozen, and no key that nobody knows."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=1000)
