"""What stands between the street and the office: sizes, signatures, compression, in this order."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from sync import protocol, signing
from sync.office.office import Office

SMALLEST_SQUEEZED = 1024  # bytes; below that compression costs more than it saves


@dataclass(frozen=True, slots=True)
class Signed:
    """A request that an enrolled gate sent: the gate's id, and the body as it was before compression."""

    gate: str
    body: bytes


def check_version() -> None:
    """Raises WrongVersion for a gate that speaks another version of the protocol, BadRequest for what is none."""
    try:
        protocol.check_spoken(request.headers.get(protocol.SPOKEN_HEADER))
    except protocol.WrongVersion:
        raise
    except ValueError as error:
        raise BadRequest(str(error)) from error


def say_version(response: Response) -> Response:
    response.headers[protocol.SPOKEN_HEADER] = protocol.SPOKEN
    return response


def signed(office: Office) -> Signed:
    """The request now being answered, once its signature holds.

    Raises SignatureError, TooLarge, or werkzeug's HTTPException for sizes and encodings.
    """
    travelled = _travelled(protocol.MAX_BODY_BYTES)
    gate = signing.verify(
        request.method,
        request.url,
        request.headers,
        travelled,
        office.gates.public_key,
        lambda gate, nonce: office.nonces.use(gate, nonce, office.now()),
        office.now(),
    )
    return Signed(gate, _plain(travelled, protocol.MAX_BODY_BYTES))


def unsigned(limit: int) -> bytes:
    """The body of a request that nobody signed, at most `limit` bytes with and without compression."""
    return _plain(_travelled(limit), limit)


def message(kind: type[protocol.Message], body: bytes) -> protocol.Message:
    """The message in `body`. Raises BadRequest that says what is wrong and where."""
    try:
        return protocol.decode(kind, body)
    except ValueError as error:
        raise BadRequest(f"{kind.__name__}: {error}") from error


def squeeze(response: Response) -> Response:
    """Compress what is worth it for a caller that takes gzip."""
    if response.is_streamed or response.headers.get("Content-Encoding") or response.cache_control.no_transform:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0 and len(response.get_data()) >= SMALLEST_SQUEEZED:
        response.set_data(protocol.squeeze(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _travelled(limit: int) -> bytes:
    request.max_content_length = limit
    return request.get_data(cache=False)


def _plain(travelled: bytes, limit: int) -> bytes:
    match request.headers.get("Content-Encoding", "identity").strip().lower():
        case "identity" | "":
            return travelled
        case "gzip" | "x-gzip":
            return _expanded(travelled, limit)
        case other:
            raise UnsupportedMediaType(f"Content-Encoding {other!r}: only gzip is known here")


def _expanded(travelled: bytes, limit: int) -> bytes:
    try:
        return protocol.expand(travelled, limit)
    except protocol.TooLarge:
        raise
    except ValueError as error:
        raise BadRequest(str(error)) from error
