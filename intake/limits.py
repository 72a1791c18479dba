"""Token buckets in RAM by a daily pseudonym: the flood wall that keeps no list of anybody.

The pseudonym key lives in this process and changes every day; after that, yesterday's limits are
forgotten, as intended (``security.md`` 2 T6, 3). Nothing here is ever written down.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from intake.errors import TooMany
from intake.ports import Clock

_MOST_BUCKETS = 100_000
_HOST_BITS = 64  # of an IPv6 address; a household has them all


class Allowance(NamedTuple):
    """``burst`` at once, then ``per_hour`` spread evenly."""

    burst: int
    per_hour: float


ALLOWANCES = {
    "filing": Allowance(20, 60),
    "look_up": Allowance(10, 30),
    "upload": Allowance(12, 60),
    "bad_post": Allowance(30, 120),
    "sign_in": Allowance(10, 60),
    "work_step": Allowance(60, 600),  # of one leader's browser
    "calendar": Allowance(20, 120),  # fetches behind one secret address
}


class Slow(TooMany):
    """Too many in too short a time; ``minutes`` says when the next one will be taken."""

    def __init__(self, minutes: int) -> None:
        super().__init__("too many in too short a time")
        self.minutes = minutes


class Buckets:
    """Counts what one pseudonym did lately; shared between processes by dividing the rates."""

    def __init__(
        self, clock: Clock, processes: int = 1, allowances: dict[str, Allowance] | None = None
    ) -> None:
        self._clock = clock
        self._share = processes
        self._allowances = {**ALLOWANCES, **(allowances or {})}
        self._day: date = clock.today()
        self._key = secrets.token_bytes(32)
        self._levels: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def take(self, kind: str, who: str) -> None:
        """Take one token of ``kind`` for ``who`` (an address, used as a pseudonym and dropped).

        Raises:
            Slow: the bucket is empty; ``minutes`` says for how long.
        """
        self._turn_day()
        allowance = self._allowances[kind]
        burst = max(1.0, allowance.burst / self._share)
        per_second = allowance.per_hour / 3600 / self._share
        now = self._clock.monotonic()
        name = self._pseudonym(kind, who)
        level, since = self._levels.pop(name, (burst, now))
        level = min(burst, level + (now - since) * per_second)
        if level < 1:
            self._levels[name] = (level, now)
            raise Slow(max(1, round((1 - level) / per_second / 60)))
        self._levels[name] = (level - 1, now)
        if len(self._levels) > _MOST_BUCKETS:
            self._levels.popitem(last=False)

    def give_back(self, kind: str, who: str) -> None:
        """Return one token: what it was taken for was not kept, and will be asked for again."""
        name = self._pseudonym(kind, who)
        if name in self._levels:
            level, since = self._levels[name]
            self._levels[name] = (level + 1, since)

    def _pseudonym(self, kind: str, who: str) -> bytes:
        return hashlib.blake2b(f"{kind}\0{who}".encode(), key=self._key, digest_size=16).digest()

    def _turn_day(self) -> None:
        today = self._clock.today()
        if today != self._day:
            self._day, self._key = today, secrets.token_bytes(32)
            self._levels.clear()


def sender_of(forwarded: Iterable[str], peer: str, trusted_proxies: int) -> str:
    """Return whom a request counts for: used once, as a pseudonym in RAM, and dropped.

    With ``n`` trusted proxies it is the n-th entry from the right of all ``X-Forwarded-For``:
    exactly what the outermost of our own proxies saw, whatever a stranger put in front of it. IPv6
    senders count by their /64, however it is written.
    """
    hops = [hop.strip() for each in forwarded for hop in each.split(",") if hop.strip()]
    told = trusted_proxies and len(hops) >= trusted_proxies
    return _network(hops[-trusted_proxies] if told else peer)


def _network(address: str) -> str:
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return f"{IPv6Address(int(known) >> _HOST_BITS << _HOST_BITS)}/{128 - _HOST_BITS}"
