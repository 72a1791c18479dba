"""The flood wall: bounded, forgetful, and without a list of anybody."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.limits import Allowance, Buckets, Slow, sender_of
from tests.clocks import FixedClock

RULES = {"filing": Allowance(3, 60)}


def test_a_burst_is_taken_and_the_next_one_is_told_how_long_to_wait(clock: FixedClock) -> None:
    buckets = Buckets(clock, allowances=RULES)
    for _ in range(3):
        buckets.take("filing", "a")
    with pytest.raises(Slow) as slow:
        buckets.take("filing", "a")
    assert slow.value.minutes == 1
    buckets.take("filing", "b")
    clock.advance(minutes=1)
    buckets.take("filing", "a")


def test_processes_share_one_allowance(clock: FixedClock) -> None:
    buckets = Buckets(clock, processes=3, allowances=RULES)
    buckets.take("filing", "a")
    with pytest.raises(Slow):
        buckets.take("filing", "a")


def test_a_new_day_forgets_everybody(clock: FixedClock) -> None:
    buckets = Buckets(clock, allowances=RULES)
    for _ in range(3):
        buckets.take("filing", "a")
    clock.advance(days=1)
    for _ in range(3):
        buckets.take("filing", "a")


def test_no_name_is_kept(clock: FixedClock) -> None:
    buckets = Buckets(clock, allowances=RULES)
    buckets.take("filing", "203.0.113.7")
    assert b"203.0.113.7" not in repr(vars(buckets)).encode()


def test_what_was_not_kept_is_given_back_and_never_more_than_the_burst(clock: FixedClock) -> None:
    buckets = Buckets(clock, allowances=RULES)
    for _ in range(50):  # one tip, brought again and again while the database is locked
        buckets.take("filing", "a")
        buckets.give_back("filing", "a")
    for _ in range(50):
        buckets.give_back("filing", "a")
    buckets.give_back("filing", "never seen")
    for _ in range(3):
        buckets.take("filing", "a")
    with pytest.raises(Slow):
        buckets.take("filing", "a")


@pytest.mark.parametrize(
    ("address", "counts_for"),
    [
        ("2001:db8::a:b:c:d", "2001:db8::/64"),  # written short: its zeros are left out
        ("2001:db8::e:b:c:d", "2001:db8::/64"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::/64"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("64:ff9b::203.0.113.7", "203.0.113.7"),
        ("64:ff9b:1::203.0.113.7", "64:ff9b:1::/64"),
        ("203.0.113.7", "203.0.113.7"),
        ("[2001:db8:1:2::5]:4321", "2001:db8:1:2::/64"),
        ("203.0.113.7:51234", "203.0.113.7"),
        ("[2001:db8::5", "2001:db8::/64"),
        ("[]:80", "[]:80"),
        ("unix:7", "unix:7"),
        ("unix", "unix"),
        ("", ""),
    ],
)
def test_a_household_counts_once_however_its_address_is_written(
    address: str, counts_for: str
) -> None:
    assert sender_of([address], "", 1) == counts_for
    assert sender_of(["203.0.113.9"], address, 0) == counts_for


@given(host=st.ip_addresses(), port=st.integers(0, 65535))
def test_a_port_or_brackets_change_nothing_of_whom_a_request_counts_for(
    host: IPv4Address | IPv6Address, port: int
) -> None:
    bare = sender_of([str(host)], "", 1)
    written = [f"[{host}]:{port}", f"[{host}]"] + [f"{host}:{port}"] * (host.version == 4)
    assert {sender_of([each], "", 1) for each in written} == {bare}


@given(hosts=st.sets(st.ip_addresses(v=4), min_size=2, max_size=2))
def test_ipv4_senders_count_each_for_itself_also_behind_a_translator(
    hosts: set[IPv4Address],
) -> None:
    for prefix in ("", "::ffff:", "64:ff9b::"):
        assert {sender_of([f"{prefix}{host}"], "", 1) for host in hosts} == set(map(str, hosts))


@given(address=st.text(alphabet="0123456789abcdef:.[]%/ x", max_size=50))
def test_no_address_makes_the_wall_fail(address: str) -> None:
    assert isinstance(sender_of([address], address, 1), str)
