"""The terms of COVID-19 cards: vaccines by CVX and other systems, tests by LOINC, results by SNOMED CT and LOINC.

What stands in no table here is no evidence: a flu vaccination, a cholesterol value, an antibody test.
LOINC codes are © Regenstrief Institute and free to use under http://loinc.org/license.
"""

from __future__ import annotations

from dataclasses import dataclass

CVX = "http://hl7.org/fhir/sid/cvx"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

PCR, ANTIGEN, CULTURE = "pcr", "antigen", "culture"
POSITIVE, NEGATIVE, UNKNOWN = "positive", "negative", "unknown"


@dataclass(frozen=True, slots=True)
class Vaccine:
    """A vaccine against COVID-19 and how many doses its first series has."""

    name: str
    series: int = 2


_MODERNA, _PFIZER, _NOVAVAX = Vaccine("Moderna"), Vaccine("Pfizer-BioNTech"), Vaccine("Novavax")
_UNSPECIFIED = Vaccine("COVID-19")

VACCINES_BY_CVX: dict[str, Vaccine] = {
    **dict.fromkeys(("207", "221", "227", "228", "311", "312"), _MODERNA),
    **dict.fromkeys(("229", "230", "519"), Vaccine("Moderna bivalent")),
    **dict.fromkeys(("208", "217", "218", "309", "310"), _PFIZER),
    **dict.fromkeys(("219", "308"), Vaccine("Pfizer-BioNTech", 3)),  # below five years
    **dict.fromkeys(("300", "301", "302", "520"), Vaccine("Pfizer-BioNTech bivalent")),
    **dict.fromkeys(("211", "313"), _NOVAVAX),
    **dict.fromkeys(("213", "500"), _UNSPECIFIED),
    **dict.fromkeys(("225", "226", "521"), Vaccine("Sanofi-GSK")),
    **dict.fromkeys(("507", "513"), Vaccine("Zifivax", 3)),
    "210": Vaccine("AstraZeneca"),
    "212": Vaccine("Janssen", 1),
    "501": Vaccine("QazVac"),
    "502": Vaccine("Covaxin"),
    "503": Vaccine("CoviVac"),
    "504": Vaccine("Sputnik Light", 1),
    "505": Vaccine("Sputnik V"),
    "506": Vaccine("CanSino", 1),
    "508": Vaccine("Jiangsu CDC"),
    "509": Vaccine("EpiVacCorona"),
    "510": Vaccine("Sinopharm BIBP"),
    "511": Vaccine("Sinovac CoronaVac"),
    "512": Vaccine("Covifenz"),
    "514": Vaccine("ZyCoV-D", 3),
    "515": Vaccine("Medigen"),
    "516": Vaccine("KCONVAC"),
    "517": Vaccine("Corbevax"),
    "518": Vaccine("Valneva"),
}
UNKNOWN_VACCINE = _UNSPECIFIED

# Kinds of COVID-19 vaccine in the systems that name no product: ICD-11, ATC, SNOMED CT.
VACCINE_KINDS: frozenset[str] = frozenset(
    {"XM68M6", "XM1NL1", "XM5DF6", "XM9QW8", "XM0CX4", "XM5JC5", "XM1J92", "XM6AT1", "XM0GQ8"}
    | {"J07BX03", "J07BN", "J07BN01", "J07BN02", "J07BN03", "J07BN04", "J07BN05"}
    | {"840534001", "1119349007", "1119305005", "28531000087107"}
)

_PCR_CODES = """
94306-8 94307-6 94308-4 94309-2 94310-0 94314-2 94315-9 94316-7 94500-6 94502-2 94531-1 94532-9 94533-7 94534-5
94559-2 94565-9 94639-2 94640-0 94641-8 94647-5 94660-8 94756-4 94757-2 94758-0 94759-8 94760-6 94765-5 94766-3
94767-1 94822-4 94845-5 95406-5 95409-9 95423-0 95424-8 95425-5 95608-6 95609-4 95823-1 95824-9 96091-4 96120-1
96121-9 96122-7 96123-5 96448-6 96763-8 96765-3 96797-6 96957-6 96958-4 96986-5 97098-8 98131-6 98132-4 98493-0
98494-8
"""
_ANTIGEN_CODES = ("94558-4", "95209-3", "96119-3", "97097-0")

KINDS_BY_LOINC: dict[str, str] = {
    **dict.fromkeys(_PCR_CODES.split(), PCR),
    **dict.fromkeys(_ANTIGEN_CODES, ANTIGEN),
    "94763-0": CULTURE,
}

_DETECTED = {
    SNOMED: "260373001 10828004 11214006 260408008 720735008 52101004 840533007",
    LOINC: "LA11882-0 LA6576-8 LA18996-1",
    INTERPRETATION: "POS DET RR WR",
}
_NOT_DETECTED = {
    SNOMED: "260415000 260385009 131194007 2667000",
    LOINC: "LA11883-8 LA6577-6",
    INTERPRETATION: "NEG ND NR",
}
RESULTS: dict[tuple[str, str], str] = {
    (system, code): result
    for result, codes in ((POSITIVE, _DETECTED), (NEGATIVE, _NOT_DETECTED))
    for system, listed in codes.items()
    for code in listed.split()
}
RESULTS_IN_WORDS: dict[str, str] = {
    **dict.fromkeys(("positive", "detected", "reactive", "presumptive positive", "weakly positive"), POSITIVE),
    **dict.fromkeys(("negative", "not detected", "undetected", "non-reactive", "nonreactive"), NEGATIVE),
}
