"""The English catalogues: Chinese source strings out of code and templates, kept together with their translations.

    python -m web.catalogue [DOMAIN…]   # extracts, merges, compiles; then fill the empty msgstr lines and run it again

Files: `web/translations/en/LC_MESSAGES/<domain>.po` and `.mo`. What is written depends on the strings alone, so that
running it twice changes nothing. A text that is not Chinese needs no translation and gets itself.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parent
DOMAINS = {
    "common": ("components", "setup.py"),
    "gate": ("gate", "tablet"),
    "office": ("office", "phone"),
}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true"}}
KEYWORDS = {"_": None, "gettext": None, "both": None}
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # headers that never move


def po_path(domain: str) -> Path:
    return WEB / "translations" / "en" / "LC_MESSAGES" / f"{domain}.po"


def sources(domain: str) -> set[str]:
    """Every Chinese source string of a domain."""
    return {text for place in DOMAINS[domain] if (WEB / place).exists() for text in _strings(WEB / place)}


def _strings(place: Path) -> Iterator[str]:
    if place.is_dir():
        found = [row[2] for row in extract_from_dir(place, METHODS, OPTIONS, keywords=KEYWORDS)]
    else:
        found = [row[1] for row in extract_from_file("python", place, keywords=KEYWORDS)]
    for message in found:
        yield message if isinstance(message, str) else message[0]


def read(domain: str) -> dict[str, str]:
    """The translations that the committed `.po` holds, empty where one is missing."""
    if not po_path(domain).exists():
        return {}
    with po_path(domain).open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="en") if message.id}


def build(domain: str) -> Catalog:
    """The catalogue as it should be: the strings of the source, in order, with the translations known so far."""
    known = read(domain)
    catalogue = Catalog(
        locale="en",
        domain=domain,
        project="Gatehouse",
        version="1",
        header_comment=f"# English for the screens of Gatehouse: {domain}.",
        creation_date=EPOCH,
        revision_date=EPOCH,
        last_translator="Gatehouse",
        language_team="Gatehouse",
        msgid_bugs_address="-",
        fuzzy=False,
    )
    for text in sorted(sources(domain)):
        catalogue.add(text, known.get(text) or ("" if _chinese(text) else text))
    return catalogue


def _chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def po_bytes(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0)
    return buffer.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def main(domains: Sequence[str]) -> int:
    """Brings the catalogues of these domains (all when none is named) up to date; 1 while translations are missing."""
    missing = 0
    for domain in domains or DOMAINS:
        catalogue = build(domain)
        po_path(domain).parent.mkdir(parents=True, exist_ok=True)
        po_path(domain).write_bytes(po_bytes(catalogue))
        po_path(domain).with_suffix(".mo").write_bytes(mo_bytes(catalogue))
        empty = [message.id for message in catalogue if message.id and not message.string]
        sys.stdout.write(f"{domain}: {len(catalogue)} strings, {len(empty)} without a translation\n")
        missing += len(empty)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
