"""The street office: one object that holds its stores. Importing this opens nothing; `Office.open` does.

Store methods that show rows take the caller's `Scope`; what lies outside it is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import __version__
from sync.office.alerts import Alerts
from sync.office.audit import Audit
from sync.office.branches import Forks
from sync.office.days import Days
from sync.office.days.book import DayBook
from sync.office.db import Database, migrate, reachable
from sync.office.declarations.links import HouseholdLinks
from sync.office.declarations.store import Declarations
from sync.office.demo import Demo
from sync.office.enrolment import Enrolment
from sync.office.entries import Entries
from sync.office.gates import Gates
from sync.office.intake import Intake
from sync.office.keys import OfficeKeys, check_marks, load_or_create
from sync.office.lists.copies import Copies
from sync.office.lists.imports import Imports
from sync.office.lists.people import People
from sync.office.lists.places import PlacesStore
from sync.office.lists.regions import RiskRegions
from sync.office.lists.written import Written
from sync.office.nonces import Nonces
from sync.office.notices import Notices
from sync.office.overrides import Overrides
from sync.office.parking import Parking
from sync.office.passes import Passes
from sync.office.passes.batches import Batches
from sync.office.passes.links import Links
from sync.office.policy.approval import Approval
from sync.office.policy.past import Past
from sync.office.policy.store import Policies
from sync.office.policy.trials import Trials
from sync.office.publish import Publish
from sync.office.retention import wiring
from sync.office.retention.daykeys import DayKeys
from sync.office.retention.erasing import Erasures
from sync.office.retention.finding import Finding
from sync.office.retention.store import Retention
from sync.office.revocation.store import Revocation
from sync.office.rollover import Rollovers
from sync.office.seal import Sealer
from sync.office.second_factor import SecondFactor
from sync.office.settings import OfficeSettings
from sync.office.standing import Standings
from sync.office.trust.store import Issuers
from sync.office.units import Units
from sync.office.users import Users
from sync.office.values import JournalCheck
from sync.office.verify import Verifier


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    settings: OfficeSettings
    now: Callable[[], datetime]
    database: Database = field(repr=False)
    secret_key: bytes = field(repr=False)  # sessions of the screens
    sign_key: Ed25519PrivateKey = field(repr=False)  # bundles and receipts
    pass_key: EllipticCurvePrivateKey = field(repr=False)  # office passes
    audit: Audit
    units: Units
    users: Users
    gates: Gates
    enrolment: Enrolment
    nonces: Nonces
    intake: Intake
    entries: Entries
    alerts: Alerts
    publish: Publish
    notices: Notices
    passes: Passes
    batches: Batches
    links: Links
    people: People
    imports: Imports
    regions: RiskRegions
    places: PlacesStore
    declarations: Declarations
    households: HouseholdLinks
    issuers: Issuers
    revocation: Revocation
    policies: Policies
    approval: Approval
    past: Past
    trials: Trials
    demo: Demo
    verifier: Verifier
    days: Days
    overrides: Overrides
    standings: Standings
    rollovers: Rollovers
    parking: Parking
    forks: Forks
    retention: Retention
    finding: Finding
    erasures: Erasures

    @classmethod
    def open(cls, settings: OfficeSettings, now: Callable[[], datetime] = utc_now) -> Office:
        """Connects, brings the schema up to date (never destroying anything), loads or makes the keys.

        Raises OfficeError when the database or the keys cannot be had, or do not belong together.
        """
        keys = load_or_create(settings.var / "keys")
        database = Database(settings.url)
        try:
            reachable(database)
            migrate.upgrade(database)
            check_marks(database, keys)
        except BaseException:
            database.close()
            raise
        office = _wired(settings, keys, database, now)
        office.passes.index_older()
        office.days.count_older()
        office.parking.after_upgrade(__version__)
        return office

    @property
    def office_key(self) -> bytes:
        """The public half of `sign_key`, which gates learn at enrolment, 32 bytes."""
        return self.sign_key.public_key().public_bytes_raw()

    def verify(self, gate_id: str | None = None) -> tuple[JournalCheck, ...]:
        """Checks the stored journals, of one gate or of all, from their first event."""
        return self.verifier.check(gate_id)

    def close(self) -> None:
        """Stops what runs in the background and gives the database connections back."""
        self.trials.close()
        self.database.close()


def _wired(settings: OfficeSettings, keys: OfficeKeys, database: Database, now: Callable[[], datetime]) -> Office:
    day_keys = DayKeys(database, Sealer(keys.seal), settings.zone, now)
    sealer, audit = Sealer(keys.seal, day_keys), Audit(database, now)
    units = Units(database, sealer, audit)
    publish = Publish(database, audit, keys.sign, keys.passes, settings.name, now)
    gates = Gates(database, audit, publish.version)
    alerts = Alerts(database, sealer, audit, now)
    passes = Passes(database, sealer, units, publish, audit, keys.passes, settings.zone, now)
    policies, past = Policies(database, units, publish, audit, now), Past(database, sealer)
    enrolment = Enrolment(database, units, gates, publish, audit, keys.sign, now)
    hand_down, drop_older = _handing_down(publish, gates), publish.drop_older
    declarations = Declarations(database, sealer, units, hand_down, audit, settings.zone, now)
    purge = declarations.purge
    return Office(
        settings=settings,
        now=now,
        database=database,
        secret_key=keys.secret,
        sign_key=keys.sign,
        pass_key=keys.passes,
        audit=audit,
        units=units,
        users=Users(database, SecondFactor(database, sealer, settings.name), audit, now),
        gates=gates,
        enrolment=enrolment,
        nonces=Nonces(database),
        entries=Entries(database, sealer, audit, settings.zone),
        alerts=alerts,
        publish=publish,
        notices=Notices(publish, units, now),
        passes=passes,
        batches=Batches(database, sealer, passes, audit, now),
        links=Links(database, passes, audit, now),
        issuers=Issuers(database, publish, audit, now),
        revocation=Revocation(database, publish, audit, now),
        policies=policies,
        approval=Approval(database, policies, publish, audit, now, two_people=settings.two_people),
        past=past,
        trials=Trials(database, past, audit, now),
        demo=Demo(database, units, publish, audit, now),
        standings=Standings(database, gates, audit, keys.sign, now),
        rollovers=Rollovers(database, gates, audit, keys.sign, now),
        declarations=declarations,
        **wiring.wired(settings, keys, database, sealer, day_keys, units, hand_down, drop_older, purge, audit, now),
        **_lists(settings, database, sealer, units, publish, gates, audit, now),
        **_log(settings, keys, database, sealer, publish, gates, alerts, audit, now),
    )


def _lists(
    settings: OfficeSettings,
    database: Database,
    sealer: Sealer,
    units: Units,
    publish: Publish,
    gates: Gates,
    audit: Audit,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """The lists of people and places that gates are handed."""
    hand_down = _handing_down(publish, gates)
    people = People(database, sealer, units, hand_down, audit, settings.zone, now)
    return {
        "people": people,
        "households": HouseholdLinks(database, sealer, units, audit, now),
        "imports": Imports(database, sealer, people, audit, now),
        "regions": RiskRegions(Written("regions", publish, units, gates)),
        "places": PlacesStore(Written("places", publish, units, gates)),
    }


def _handing_down(publish: Publish, gates: Gates) -> Callable[[str, str], None]:
    def hand_down(community_id: str, who: str) -> None:
        """What changed goes out, and the gates fetch it now."""
        publish.publish(community_id, {}, who=who)
        gates.wake_all(community_id)

    return hand_down


def _log(
    settings: OfficeSettings,
    keys: OfficeKeys,
    database: Database,
    sealer: Sealer,
    publish: Publish,
    gates: Gates,
    alerts: Alerts,
    audit: Audit,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """What comes in from gates, and the proof that all of it is there."""
    book, verifier = DayBook(settings.zone, keys.sign), Verifier(database, sealer)
    copies = Copies(database, alerts, sealer, _handing_down(publish, gates))
    return {
        "intake": Intake(database, gates, alerts, sealer, keys.sign, book, copies, publish.version),
        "verifier": verifier,
        "forks": Forks(database),
        "days": Days(database, book, audit, now),
        "overrides": Overrides(database, sealer, settings.zone),
        "parking": Parking(database, sealer, verifier, alerts, book, audit, now),
    }
