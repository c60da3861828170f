"""The commands' fixtures for the tests of this folder."""

from tests.sync.office.test_cli import run, var

__all__ = ["run", "var"]
