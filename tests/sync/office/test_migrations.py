"""The steps of the schema."""

from __future__ import annotations

from alembic.config import Config
from alembic.script import ScriptDirectory

from sync.office.db.migrate import SCRIPTS


def test_the_steps_follow_one_another_in_a_single_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    steps = list(ScriptDirectory.from_config(config).walk_revisions())
    assert [step.revision for step in steps if step.is_head] == [max(step.revision for step in steps)]
    assert [step.revision for step in reversed(steps)] == [f"{number:04}" for number in range(1, len(steps) + 1)]
