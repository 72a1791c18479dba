"""How long a channel rests on which messages fail."""

from collections.abc import Callable
from datetime import timedelta

from reminders.settling import ChannelRest
from tests.clocks import START


def test_a_channel_that_fails_again_and_again_rests_longer_and_longer() -> None:
    rest, now = ChannelRest(), START
    note: Callable[[bool], None] = lambda taken: rest.note(taken=taken, now=now, wait=timedelta())  # noqa: E731
    note(False)
    note(False)
    assert not rest.rests(now)
    note(False)
    assert rest.rests(now + timedelta(seconds=29))
    assert not rest.rests(now + timedelta(seconds=30))
    note(False)
    assert rest.rests(now + timedelta(seconds=59))
    note(True)
    note(False)
    assert not rest.rests(now + timedelta(hours=1))
    assert not rest.rests(now - timedelta(days=1))  # a clock that was set back
