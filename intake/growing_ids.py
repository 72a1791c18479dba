"""Ids for the work side that grow with time, so that what is added together stands together.

Never for a tip or a part of one: theirs say nothing about their arrival (`vault.sealing.new_id`).
"""

import itertools
import secrets
import time

_serial = itertools.count(1)
_SERIALS = 1 << 24


def growing_id() -> bytes:
    """Return 16 bytes: microseconds, a number that counts up in this process, and chance."""
    micros, number = time.time_ns() // 1_000, next(_serial) % _SERIALS
    return micros.to_bytes(8, "big") + number.to_bytes(3, "big") + secrets.token_bytes(5)
