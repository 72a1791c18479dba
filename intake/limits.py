"""Token buckets in RAM by a daily pseudonym: the flood wall that keeps no list of anybody.

The pseudonym key lives in this process and changes every day; after that, yesterday's limits are
forgotten, as intended (``security.md`` 2 T6, 3). Nothing here is ever written down.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from intake.errors import TooMany
from intake.ports import Clock

_MOST_BUCKETS = 100_000
_HOST_BITS = 64  # of an IPv6 address; a household has them all
_NAT64 = IPv6Network("64:ff9b::/96")  # IPv4 senders behind a translator (RFC 6052)
_LAST_32_BITS = (1 << 32) - 1


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
    """Too many of a ``kind`` in too short a time; the next one is taken after ``minutes``."""

    def __init__(self, minutes: int, kind: str = "") -> None:
        super().__init__("too many in too short a time")
        self.minutes = minutes
        self.kind = kind


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
            raise Slow(max(1, round((1 - level) / per_second / 60)), kind)
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
    senders count by their /64, however it is written; one that stands for an IPv4 sender counts as
    that one.
    """
    hops = [hop.strip() for each in forwarded for hop in each.split(",") if hop.strip()]
    told = trusted_proxies and len(hops) >= trusted_proxies
    return _network(hops[-trusted_proxies] if told else peer)


def _network(address: str) -> str:
    try:
        known = ip_address(_without_port(address))
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped or known in _NAT64:
        return str(IPv4Address(int(known) & _LAST_32_BITS))
    return f"{IPv6Address(int(known) >> _HOST_BITS << _HOST_BITS)}/{128 - _HOST_BITS}"


def _without_port(address: str) -> str:
    """Return "2001:db8::5" of "[2001:db8::5]:4321", and "203.0.113.5" of "203.0.113.5:4321"."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
