"""Rows for storage tests. Sealed bytes are random: storage cannot read them anyway."""

import os
from datetime import timedelta
from typing import Any

from storage.parts import NewPart
from storage.tips import NewTip
from tests.clocks import START


def new_tip(**columns: Any) -> NewTip:
    """A tip for the unit ``ward``, released and due an hour later unless told otherwise."""
    values: dict[str, Any] = {
        "id": os.urandom(16),
        "unit_id": "ward",
        "day": START.date(),
        "release_at": START,
        "priority": 2,
        "state": "new",
        "lookup": os.urandom(16),
        "reply_key": os.urandom(64),
        "headline_sealed": os.urandom(128),
        "identity_sealed": os.urandom(128),
        "due_at": START + timedelta(hours=1),
    }
    return NewTip(**(values | columns))


def part_of(tip: NewTip, **columns: Any) -> NewPart:
    """The part that holds a tip's own text, with two wraps."""
    values: dict[str, Any] = {
        "id": tip.id,
        "tip_id": tip.id,
        "release_at": tip.release_at,
        "body_sealed": os.urandom(256),
        "wraps": ((os.urandom(8), os.urandom(64)), (os.urandom(8), os.urandom(64))),
    }
    return NewPart(**(values | columns))
