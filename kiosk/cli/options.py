"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigPath = Annotated[Path, typer.Option("--config", help="The gate's configuration file.")]
CONFIG = Path("kiosk.toml")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
