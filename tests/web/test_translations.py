"""The English catalogues say all that the screens say, and nothing that they no longer do."""

from __future__ import annotations

import re

import pytest

from web import catalogue

DOMAINS = sorted(catalogue.DOMAINS)


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_source_string_is_translated_and_no_translation_is_left_over(domain: str) -> None:
    known = catalogue.read(domain)
    assert set(known) == catalogue.sources(domain), "run python -m web.catalogue"
    assert [text for text, english in known.items() if not english] == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_compiled_catalogue_is_that_of_the_text(domain: str) -> None:
    built = catalogue.build(domain)
    assert catalogue.po_path(domain).read_bytes() == catalogue.po_bytes(built), "run python -m web.catalogue"
    assert catalogue.po_path(domain).with_suffix(".mo").read_bytes() == catalogue.mo_bytes(built)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_translation_has_the_places_its_source_has(domain: str) -> None:
    place = re.compile(r"%(?:\(\w+\))?[sd]")
    for text, english in catalogue.read(domain).items():
        assert sorted(place.findall(english)) == sorted(place.findall(text)), text
