"""Any message comes back as it was sent; what is no message any more is a clear refusal."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import protocol
from sync.parcel import Answer
from tests.sync.messages import messages

KINDS = (
    protocol.Enroll,
    protocol.Enrolled,
    protocol.Events,
    protocol.Receipt,
    protocol.Heartbeat,
    protocol.Beat,
    protocol.Manifest,
    protocol.Problem,
)
EXAMPLES = int(os.environ.get("GATEHOUSE_EXAMPLES", "10"))
drawn = settings(max_examples=EXAMPLES, deadline=None, derandomize="GATEHOUSE_EXAMPLES" not in os.environ)


def read(kind: Any, body: bytes) -> Any:
    """The message in `body`, None for what is none: whatever is wrong is one kind of fault."""
    with contextlib.suppress(ValueError):
        return protocol.decode(kind, body)
    return None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@drawn
@given(data=st.data())
def test_what_was_encoded_is_decoded_again_the_same(kind: Any, data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    body = protocol.encode(message)
    assert protocol.decode(kind, body) == message
    assert protocol.decode(kind, protocol.expand(protocol.squeeze(body))) == message


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@drawn
@given(data=st.data())
def test_what_was_cut_short_or_altered_is_a_message_within_its_bounds_or_refused(
    kind: Any, data: st.DataObject
) -> None:
    body = bytearray(protocol.encode(data.draw(messages(kind))))
    at = data.draw(st.integers(0, len(body) - 1))
    match data.draw(st.sampled_from(("cut", "flip", "insert", "swap"))):
        case "cut":
            del body[at:]
        case "flip":
            body[at] ^= data.draw(st.integers(1, 255))
        case "insert":
            body[at:at] = data.draw(st.binary(min_size=1, max_size=4))
        case _:
            body[at:] = reversed(body[at:])
    message = read(kind, bytes(body))
    assert message is None or protocol.decode(kind, protocol.encode(message)) == message


@drawn
@given(body=st.binary(max_size=300))
def test_no_first_part_of_an_answer_is_a_crash(body: bytes) -> None:
    read(Answer, body)
