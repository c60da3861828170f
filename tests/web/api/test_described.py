"""The API against its own description: requests drawn from openapi.json, fitting it and not, signed and not."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
import requests
import schemathesis
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from sync import protocol, signing
from sync.office.office import Office
from tests.web.api.conftest import OFFICE_URL, GateCalls
from tests.web.api.hostile import examples, held, refused
from web import setup
from web.api import create_api, openapi

DOCUMENT = openapi.document()
CALLS = {
    found.ok().definition.raw["operationId"]: found.ok()
    for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
}
OPEN = {name for name, call in CALLS.items() if call.definition.raw.get("security") == []}
load_all_checks()
CHECKED = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]


@pytest.fixture
def office_url(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for the other one."""
    url: str = request.getfixturevalue(getattr(request, "param", "sqlite_office_url"))
    return url


@pytest.fixture
def client(office: Office) -> FlaskClient:
    """The API without the limit on enrolling: what is looked at is each answer."""
    app = setup.make_app("office", domains=("common", "office"), secret_key=b"k" * 32, cookie="office")
    app.register_blueprint(create_api(office, "1000000 per minute"))
    return app.test_client()


def drawn(data: st.DataObject, name: str) -> Case:
    """A request as the description allows it, or one that it forbids."""
    call = CALLS[name]
    forbids = bool(call.body or call.path_parameters)
    mode = data.draw(st.sampled_from(list(GenerationMode))) if forbids else GenerationMode.POSITIVE
    case: Case = data.draw(call.as_strategy(generation_mode=mode))
    return case


def prepared(case: Case) -> requests.PreparedRequest:
    wanted: dict[str, Any] = case.as_transport_kwargs(base_url=OFFICE_URL)
    request = requests.Request(**wanted).prepare()
    request.headers["Accept-Encoding"] = "identity"
    return request


def look(gate: GateCalls, case: Case, *, signed: bool) -> None:
    """Send a request, and judge the answer by the description and by what a signature is for."""
    name, request, before = case.operation.definition.raw["operationId"], prepared(case), held(gate.office)
    if signed:
        signing.sign(request, gate.id, gate.key, gate.office.now(), secrets.token_urlsafe(18))
    answer = gate.send(request)
    case.validate_response(answer, checks=CHECKED)
    if answer.status_code >= 400:
        refused(answer)
    if not signed and name not in OPEN:
        assert answer.status_code in (400, 401, 413), "nobody is let in without a signature"
        assert held(gate.office) == before


def test_only_enrolling_and_the_description_itself_are_open() -> None:
    assert {protocol.ENROLL, protocol.OPENAPI} == {CALLS[name].path for name in OPEN}


@pytest.mark.parametrize("name", sorted(CALLS))
@examples(8)
@given(data=st.data(), signed=st.booleans())
def test_every_answer_is_as_described_and_no_stranger_is_let_in(
    gate: GateCalls, name: str, data: st.DataObject, signed: bool
) -> None:
    look(gate, drawn(data, name), signed=signed)


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("office_url", ["postgres_office_url"], indirect=True)
@examples(14)
@given(data=st.data(), name=st.sampled_from(sorted(set(CALLS) - OPEN)))
def test_so_it_is_on_postgresql(gate: GateCalls, name: str, data: st.DataObject) -> None:
    look(gate, drawn(data, name), signed=True)
