"""Opening an office: keys, schema, settings."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from kiosk.errors import ConfigError
from sync.office import settings
from sync.office.db import Database, migrate
from sync.office.db.tables import Base
from sync.office.errors import OfficeError
from sync.office.office import Office
from sync.office.seal import Sealer
from sync.office.settings import OfficeSettings
from sync.office.values import EVERYTHING
from tests.sync.office.conftest import ManualClock
from tests.sync.office.gate_end import PERSON, GateEnd, enrolled, passage

KEY_FILES = ("secret.key", "sign.key", "pass.key", "seal.key")


def settings_in(folder: Path, url: str | None = None) -> OfficeSettings:
    return OfficeSettings(url=url or f"sqlite:///{folder / 'office.db'}", var=folder)


def test_keys_and_database_are_made_for_their_owner_only(tmp_path: Path) -> None:
    Office.open(settings_in(tmp_path / "var")).close()

    for name in KEY_FILES:
        assert stat.S_IMODE((tmp_path / "var" / "keys" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var" / "office.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var" / "keys").stat().st_mode) == 0o700


def test_opening_again_finds_the_same_keys_and_rows(tmp_path: Path) -> None:
    first = Office.open(settings_in(tmp_path))
    unit = first.units.add("community", "幸福社区", "", None, who="test")
    token_key, office_key, secret = first.units.token_key(unit.id), first.office_key, first.secret_key
    first.close()

    again = Office.open(settings_in(tmp_path))

    assert again.units.token_key(unit.id) == token_key
    assert (again.office_key, again.secret_key) == (office_key, secret)
    again.close()


@pytest.mark.parametrize("lost", ["seal.key", "sign.key", "pass.key"])
def test_a_lost_key_is_noticed_and_not_quietly_replaced(tmp_path: Path, lost: str) -> None:
    Office.open(settings_in(tmp_path)).close()
    (tmp_path / "keys" / lost).unlink()

    with pytest.raises(OfficeError, match="other keys"):
        Office.open(settings_in(tmp_path))


@pytest.mark.parametrize("damaged", KEY_FILES)
def test_a_damaged_key_is_a_clear_message(tmp_path: Path, damaged: str) -> None:
    Office.open(settings_in(tmp_path)).close()
    (tmp_path / "keys" / damaged).write_bytes(b"short")

    with pytest.raises(OfficeError, match="backup"):
        Office.open(settings_in(tmp_path))


def test_a_new_seal_key_seals_and_the_old_one_still_opens(tmp_path: Path) -> None:
    office = Office.open(settings_in(tmp_path))
    unit = office.units.add("community", "幸福社区", "", None, who="test")
    token_key = office.units.token_key(unit.id)
    office.close()
    (tmp_path / "keys" / "seal.key").rename(tmp_path / "keys" / "seal-2026.key")

    renewed = Office.open(settings_in(tmp_path))

    assert renewed.units.token_key(unit.id) == token_key
    other = renewed.units.add("community", "阳光社区", "", None, who="test")
    assert len(renewed.units.token_key(other.id)) == 32
    renewed.close()


def test_a_sealed_value_opens_only_where_it_was_written() -> None:
    sealer = Sealer([b"k" * 32])
    sealed = sealer.seal("pass:1:name", "张三".encode())

    assert sealer.open("pass:1:name", sealed).decode() == "张三"
    for place, value in (("pass:2:name", sealed), ("pass:1:name", sealed[:-1] + b"\x00"), ("pass:1:name", b"")):
        with pytest.raises(OfficeError):
            sealer.open(place, value)
    with pytest.raises(OfficeError, match="not in var/keys"):
        Sealer([b"q" * 32]).open("pass:1:name", sealed)


def test_several_workers_may_open_a_new_office_at_once(tmp_path: Path) -> None:
    offices: list[Office] = []
    threads = [threading.Thread(target=lambda: offices.append(Office.open(settings_in(tmp_path)))) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(offices) == 4
    assert len({office.office_key for office in offices}) == 1
    assert len({office.secret_key for office in offices}) == 1
    for office in offices:
        office.close()


def test_migrations_make_on_sqlite_what_the_models_say(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    assert differences(database) != []

    migrate.upgrade(database)
    migrate.upgrade(database)

    assert differences(database) == []
    database.close()


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_migrations_make_on_postgresql_what_the_models_say(blank_postgres_url: str) -> None:
    database = Database(blank_postgres_url)

    threads = [threading.Thread(target=migrate.upgrade, args=(database,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert differences(database) == []
    database.close()


def differences(database: Database) -> list[object]:
    """Where the database and the models are not alike; partitions are the database's own affair."""
    with database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True, "include_name": not_a_partition})
        found = compare_metadata(context, Base.metadata)
        return list(found)


def not_a_partition(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
    table = name if kind == "table" else parents.get("table_name")
    return not (table or "").endswith("_default")


def test_a_database_of_a_newer_software_is_left_alone(tmp_path: Path) -> None:
    Office.open(settings_in(tmp_path)).close()
    database = Database(f"sqlite:///{tmp_path / 'office.db'}")
    with database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(OfficeError, match="newer"):
        migrate.upgrade(database)
    database.close()


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_events_lie_in_the_partition_of_their_day(
    blank_postgres_url: str, open_office: Callable[[str], Office], clock: ManualClock
) -> None:
    office = open_office(blank_postgres_url)
    community = office.units.add("community", "幸福社区", "", None, who="test")
    end = GateEnd(office, enrolled(office, community, "东门").id, clock)
    end.passes(2)
    clock.go(days=1)
    end.passes(3)
    end.journal.append("passage", clock.at.replace(year=2099), passage(), PERSON)

    end.send()

    def count(table: str) -> int:
        with office.database.read() as tx:
            return int(tx.scalar(text(f"SELECT count(*) FROM {table}")) or 0)

    for table in ("event", "passage"):
        assert [count(f"{table}_{name}") for name in ("20261122", "20261123", "default")] == [2, 3, 1]
        assert count(table) == 6
    names = inspect(office.database.engine).get_table_names()
    assert not [name for name in names if "2099" in name], "a clock that is years off makes no tables"


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_a_day_that_began_in_the_default_partition_stays_there(
    blank_postgres_url: str, open_office: Callable[[str], Office], clock: ManualClock
) -> None:
    office = open_office(blank_postgres_url)
    community = office.units.add("community", "幸福社区", "", None, who="test")
    end = GateEnd(office, enrolled(office, community, "东门").id, clock)
    end.journal.append("passage", clock.at.replace(day=30), passage(), PERSON)
    end.send()
    clock.go(days=8)

    end.passes(2)
    assert end.send().through == 3
    end.passes(1)
    assert end.send().through == 4

    assert office.verify()[0].ok


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "sqlite://", ""])
def test_a_database_that_is_neither_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(OfficeError, match="sqlite"):
        Office.open(OfficeSettings(url=url, var=tmp_path))


def test_a_database_that_cannot_be_reached_is_a_message_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(OfficeError, match="cannot be opened") as caught:
        Office.open(settings_in(tmp_path, "postgresql://li:hunter2@127.0.0.1:1/office"))

    assert "hunter2" not in str(caught.value)


def test_a_var_that_is_a_file_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")

    with pytest.raises(OfficeError, match="keys"):
        Office.open(settings_in(tmp_path / "var"))


def test_settings_come_from_the_environment_and_options_win(tmp_path: Path) -> None:
    environ = {"GATEHOUSE_OFFICE_VAR": str(tmp_path), "GATEHOUSE_OFFICE_LISTEN": "0.0.0.0:9000"}

    loaded = settings.load(environ, name="某街道办", listen=None)

    assert loaded.url == f"sqlite:///{tmp_path / 'office.db'}"
    assert (loaded.host, loaded.port, loaded.name) == ("0.0.0.0", 9000, "某街道办")
    assert settings.load(environ, listen="127.0.0.1:1").port == 1


def test_every_problem_of_the_settings_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        settings.load({"GATEHOUSE_OFFICE_LISTEN": "here"}, name=" ", timezone="Mars/Olympus")

    assert len(caught.value.problems) == 3


def test_the_tree_keeps_its_levels(tmp_path: Path) -> None:
    office = Office.open(settings_in(tmp_path))
    street = office.units.add("street", "某街道", "110101001", None, who="test")
    community = office.units.add("community", "幸福社区", "", street.id, who="test")

    for level, parent in (("city", street.id), ("community", community.id), ("planet", None)):
        with pytest.raises(OfficeError):
            office.units.add(level, "x", "", parent, who="test")
    with pytest.raises(OfficeError):
        office.units.add("community", " ", "", street.id, who="test")
    assert [unit.name for unit in office.units.tree(EVERYTHING)] == ["某街道", "幸福社区"]
    office.close()
