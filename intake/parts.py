"""What stands inside a sealed part and inside a sealed headline: plain shapes and their bytes.

Nothing here seals or opens. The bytes are: 4-byte length, JSON, then raw data (a picture's JPEG).
"""

import base64
import struct
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

PartKind = Literal["tip", "addition", "photo", "reply", "ask", "state"]
FROM_REPORTER: frozenset[str] = frozenset({"tip", "addition", "photo"})


class Body(BaseModel):
    """One piece of a thread.

    ``released_at`` is the minute that orders the thread, never finer; ``place`` counts the pieces
    that stood before it, so that an exchange within one minute keeps its order.
    """

    model_config = ConfigDict(frozen=True)
    kind: PartKind
    text: str = ""
    released_at: datetime | None = None
    place: int = 0
    photos: tuple[str, ...] = ()  # part ids, hex, in the order they were sent


class Headline(BaseModel):
    """What the queue shows of a tip beyond its clear columns; sealed at one constant size."""

    model_config = ConfigDict(frozen=True)
    kind: str = ""
    area: str = ""
    words: tuple[str, ...] = ()
    score: int = 0
    photos: int = 0
    closing: str = ""


def encode(body: Body, data: bytes = b"") -> bytes:
    """Return the bytes to seal."""
    head = body.model_dump_json(exclude_defaults=True).encode()
    return struct.pack(">I", len(head)) + head + data


def decode(raw: bytes) -> tuple[Body, bytes]:
    """Return the body and its raw data from opened bytes."""
    (length,) = struct.unpack_from(">I", raw)
    return Body.model_validate_json(raw[4 : 4 + length]), raw[4 + length :]


def nickname(tip_id: bytes) -> str:
    """Return the six letters by which officers call a tip; drawn from its random id."""
    return base64.b32encode(tip_id[:4]).decode()[:6]


def to_minute(moment: datetime) -> datetime:
    """Return the moment without seconds."""
    return moment.replace(second=0, microsecond=0)
