"""Which texts are a province's own, how long they live, and what is sent to its server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from kiosk import codes
from kiosk.codes import ReadContext
from kiosk.codes.provincial import SHIPPED, Gate, Secret, claimant, shipped
from kiosk.errors import ConfigError
from kiosk.model import Level, Reason, Verification
from tests.kiosk.codes.provincial.papers import AT, TOKEN, later, province, text

SOMEPLACE = province()
SECRET = Secret("hush")
GATE = Gate(endpoint="https://api.example/v1", app="gate-7", position="东门", department="社区", name="李", phone="1")
SUKANG = "https://h5.dingtalk.com/healthAct/index.html?qrCode=V5742bf7487ae983392a0f72dc083b66d3320000&b=0SbR0z#/result"


def test_a_text_by_itself_is_a_claim_that_only_the_server_can_verify():
    code = SOMEPLACE.offline(text(), later(10))
    assert (code.verification, code.reason) == (Verification.UNVERIFIED, Reason.UNVERIFIABLE)
    assert (code.level, code.online, code.made_at, code.life_s) == (Level.NONE, True, AT, 60)


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        (60, Reason.UNVERIFIABLE),
        (60.001, Reason.EXPIRED),
        (-60, Reason.UNVERIFIABLE),
        (-60.001, Reason.NOT_YET_VALID),
    ],
)
def test_a_code_lives_as_long_as_its_province_says_and_a_phones_clock_may_run_ahead(seconds, reason):
    code = SOMEPLACE.offline(text(), later(seconds))
    failed = reason is not Reason.UNVERIFIABLE
    assert (code.reason, code.verification is Verification.FAILED) == (reason, failed)


def test_the_same_token_has_the_same_serial_whatever_surrounds_it():
    assert SOMEPLACE.offline(text(), AT).serial == SOMEPLACE.offline(text(later(5)), later(5)).serial
    assert SOMEPLACE.offline(text(token="cd34" * 8), AT).serial != SOMEPLACE.offline(text(), AT).serial


@pytest.mark.parametrize(
    ("scanned", "reason"),
    [
        ("https://code.someplace.example/", Reason.MALFORMED),
        (text() + "0", Reason.MALFORMED),
        (text() + "\n", Reason.MALFORMED),
        (text()[:-1] + "\u0663", Reason.MALFORMED),
        ("https://code.someplace.example/" + "a" * 2000, Reason.TOO_LARGE),
        ("https://elsewhere.example/", Reason.UNKNOWN_SCHEME),
        (f"https://code.someplace.example/{TOKEN}{'9' * 13}", Reason.MALFORMED),
    ],
)
def test_what_only_looks_like_a_code_is_named(scanned, reason):
    assert SOMEPLACE.offline(scanned, AT).reason is reason


def test_the_registry_tries_the_provinces_last():
    context = ReadContext(AT, provinces=(SOMEPLACE,))
    assert codes.read(text(), context).scheme == "someplace"
    assert codes.read(text()[:40], context).reason is Reason.MALFORMED
    assert codes.read("GL1:green", context).scheme == "level-token"
    assert codes.read("https://elsewhere.example/", context).reason is Reason.UNKNOWN_SCHEME
    assert codes.read(text(), ReadContext(AT)).scheme == "unknown"


def test_two_provinces_may_begin_alike():
    other = province(id="other", form__0__pattern=r"https://code\.someplace\.example/(?P<token>x[0-9]{5})",
                     form__0__made=None, form__0__life_s=None)  # fmt: skip
    assert claimant((SOMEPLACE, other), "https://code.someplace.example/x12345") is other
    context = ReadContext(AT, provinces=(SOMEPLACE, other))
    assert codes.read("https://code.someplace.example/x12345", context).scheme == "other"


def test_a_demonstrations_province_counts_only_in_a_demonstration():
    shown = province(demo=True)
    assert codes.read(text(), ReadContext(AT, provinces=(shown,))).reason is Reason.UNKNOWN_ISSUER
    assert codes.read(text(), ReadContext(AT, provinces=(shown,), demo=True)).demo


def test_timestamp_token_nonce_is_signed_as_documented():
    out = SOMEPLACE.outgoing(text(), AT, "n-1", SECRET, GATE)
    said = dict(parse_qsl(out.body.decode()))
    assert (out.method, out.url) == ("POST", "https://api.someplace.example/verify")
    assert (said["token"], said["time"], said["nonce"]) == (TOKEN, "1795318200000", "n-1")
    assert said["sign"] == hashlib.sha256(b"1795318200000hushn-11795318200000").hexdigest()


def test_hmac_covers_the_joined_fields():
    sign = {"recipe": "hmac-sha256", "fields": ["{app}", "{token}"], "join": "|", "output": "base64"}
    asking = province(request__sign=sign)
    said = dict(parse_qsl(asking.outgoing(text(), AT, "n", SECRET, GATE).body.decode()))
    assert base64.b64decode(said["sign"]) == hmac.digest(b"hush", f"gate-7|{TOKEN}".encode(), "sha256")


def test_sorted_parameters_leave_out_what_is_empty_and_the_signature_itself():
    asking = province(
        request__fields={"b": "{token}", "a": "{nonce}", "none": "", "sign": "{signature}"},
        request__query={"c": "{time}"},
        request__sign={"recipe": "sha256-sorted", "after": "&key={secret}", "output": "HEX"},
    )
    out = asking.outgoing(text(), AT, "n", SECRET, GATE)
    covered = f"a=n&b={TOKEN}&c=1795318200000&key=hush"
    assert parse_qs(out.body.decode())["sign"] == [hashlib.sha256(covered.encode()).hexdigest().upper()]
    assert urlsplit(out.url).query == "c=1795318200000"


def test_what_was_scanned_cannot_reshape_the_address_or_a_header():
    wide = province(
        form=[{"begins": "https://x.example/", "pattern": r"https://x\.example/(?P<token>[!-~ ]{1,80})"}],
        request={
            "method": "GET",
            "url": "https://api.example/q/{token}",
            "body": "none",
            "headers": {"X-Code": "{text}"},
        },
        secret_env=None,
    )
    out = wide.outgoing("https://x.example/../?a=b&c#d@evil.example", AT, "n", None, GATE)
    assert out.url == "https://api.example/q/..%2F%3Fa%3Db%26c%23d%40evil.example"
    assert "\n" not in out.headers["X-Code"]


def test_a_secret_is_shown_by_no_repr():
    out = SOMEPLACE.outgoing(text(), AT, "n", SECRET, GATE)
    assert "hush" not in repr(SECRET) + str(SECRET) + repr(out)
    assert TOKEN not in repr(out)


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="secret"):
        SOMEPLACE.outgoing(text(), AT, "n", None, GATE)
    with pytest.raises(ValueError, match="not a code of someplace"):
        SOMEPLACE.outgoing("x", AT, "n", SECRET, GATE)
    with pytest.raises(ValueError, match="endpoint"):
        shipped("suishen").outgoing(f"https://s.sh.gov.cn/{TOKEN}1795318200000", AT, "n", SECRET, Gate(app="a"))


@pytest.mark.parametrize(
    "endpoint", ["http://api.example", "ftp://x.example", "https://u:p@x.example", "https://", "x"]
)
def test_questions_go_only_over_https_or_to_this_machine(endpoint):
    with pytest.raises(ValueError, match="must be"):
        shipped("suishen").outgoing(f"https://s.sh.gov.cn/{TOKEN}1795318200000", AT, "n", SECRET, Gate(endpoint, "a"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_file_is_good_and_honest_about_being_tried(name):
    known = shipped(name)
    assert known.unverified_against_live is not (name == "test-province")
    assert known.demo is (name == "test-province")
    assert "secret" in known.needs


def test_sukang_posts_the_form_the_service_wants():
    known = shipped("sukang")
    assert known.sighted(SUKANG).token == "V5742bf7487ae983392a0f72dc083b66d3320000"
    said = dict(parse_qsl(known.outgoing(SUKANG, AT, "n", SECRET, GATE).body.decode()))
    assert said == {
        "url": SUKANG, "source": "gate-7", "position": "东门", "verifierDept": "社区", "verifierName": "李",
        "verifierPhone": "1", "token": "hush",
    }  # fmt: skip
    answer = {"resCode": 0, "result": {"name": "王小明", "phone": "13812348000", "idcardNo": "3", "level": "00"}}
    assert known.answered(SUKANG, 200, json.dumps(answer).encode(), AT).level is Level.GREEN
    for code, reason in {111: Reason.EXPIRED, 112: Reason.UNKNOWN_ISSUER, 118: Reason.NOT_PERMITTED}.items():
        assert known.answered(SUKANG, 200, json.dumps({"resCode": code}).encode(), AT).reason is reason


def test_suishen_tells_its_age_and_answers_json_within_json():
    known, scanned = shipped("suishen"), f"https://s.sh.gov.cn/{TOKEN}1795318200000"
    assert known.offline(scanned, AT).made_at == AT
    data = json.dumps({"xm": "王小明", "type": "01", "zjhm": "360732********3718"})
    code = known.answered(scanned, 200, json.dumps({"code": "0", "data": data}).encode(), AT)
    assert (code.level, code.holder.id_last4) == (Level.YELLOW, "3718")


def test_bamin_sends_its_fields_as_one_json_text():
    known, scanned = shipped("bamin"), "https://mztapp.fujian.gov.cn:8190/mztAppWeb/app/jkm?qrCode=abcdef0123456789"
    said = dict(parse_qsl(known.outgoing(scanned, AT, "n", SECRET, GATE).body.decode()))
    assert json.loads(said["POSTPARAM_JSON"])["QR_CONTENT"] == scanned
    code = known.answered(scanned, 200, b'{"success":true,"data":{"level":"orange","name":"\\u738b"}}', AT)
    assert code.level is Level.YELLOW
    assert known.answered(scanned, 200, b'{"success":false,"msg":"no"}', AT).reason is Reason.SCHEMA


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"id": "Some Place"}, "id: "),
        ({"title": {"zh": "x"}}, "title.en: missing"),
        ({"colour": "x"}, "colour: unknown key"),
        ({"unverified_against_live": None}, "unverified_against_live: missing"),
        ({"zone": "Mars"}, "zone: "),
        ({"secret_env": None}, "secret_env: "),
        ({"form": []}, "form: "),
        ({"form__0__pattern": "("}, "form[0].pattern: "),
        ({"form__0__pattern": "https.*"}, "form[0].pattern: needs a group"),
        ({"form__0__pattern": "(?P<token>a+)+"}, "form[0].pattern: a group may be optional"),
        ({"form__0__made": "soon"}, "form[0].made: "),
        ({"form__0__made": None}, "form[0].pattern: its group made"),
        ({"form__0__pattern": "(?P<token>a)(?P<made>b)(?P<time>c)"}, "form[0].pattern: time is a name of our own"),
        ({"request__url": "http://x.example/"}, "request.url: must be https"),
        ({"request__url": "https://{token}.example/"}, "request.url: nothing may be filled into the host"),
        ({"request__url": "{endpoint}{token}"}, "request.url: after {endpoint}"),
        ({"request__url": "https://x.example/{secret}"}, "request: a secret must not stand in an address"),
        ({"request__fields": {"a": "{oops}", "b": "{signature}"}}, "request: {oops} is unknown"),
        ({"request__fields": {"a": 1.5}}, "request.fields: "),
        ({"request__fields": {"a": "{"}}, "request.fields: "),
        ({"request__sign": {"recipe": "rot13"}}, "request.sign.recipe: "),
        ({"request__sign": {"recipe": "hmac-sha256"}}, "request.sign: fields go with hmac"),
        ({"request__headers": {"X Y": "1"}}, "request.headers: "),
        ({"answer__levels": {"0": "greenish"}}, "answer.levels.0: "),
        ({"answer__level": "data"}, "answer.level: 'data' is no place"),
        ({"answer__errors": {"1": "because"}}, "answer.errors.1: "),
        ({"answer__must": ["made_at"]}, "answer: must names what has no place: made_at"),
        ({"answer__ok": []}, "answer: code and ok go together"),
        ({"answer__times": ["%A"]}, "answer.times[0]: "),
    ],
)  # fmt: skip
def test_every_problem_is_named_with_its_place(changed, place):
    with pytest.raises(ConfigError) as caught:
        province(**changed)
    assert any(problem.startswith(place) for problem in caught.value.problems), caught.value.problems


def test_all_problems_come_at_once():
    with pytest.raises(ConfigError) as caught:
        province(id="X", colour="x", answer__level="data", request__url="ftp://x")
    assert len(caught.value.problems) == 4
