"""Writes somebody's days as an iCalendar file (RFC 5545), by the ``icalendar`` package.

An event lies on the day to aim at and reaches to the last day that is on time. It takes no time of
the day, rings no bell (that is the reminders' work) and names no person.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from intake.nudging.own_calendar import OwnDay
from intake.plans.calendar import DAY
from intake.text import clean

MEDIA = "text/calendar; charset=utf-8"
_OURS = UUID("6f1d1f0c-7a55-4b0e-9b63-2f3f5b8f4c11")
_FETCH_AGAIN = timedelta(hours=6)


def write_calendar(days: Iterable[OwnDay], now: datetime) -> bytes:
    """Return the file."""
    from icalendar import Calendar  # noqa: PLC0415  slow to import

    made: Any = Calendar()  # its methods carry no types
    made.add("prodid", "-//Hom Thu//VI")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", "Hòm Thư: việc của tôi")
    made.add("refresh-interval", _FETCH_AGAIN, parameters={"VALUE": "DURATION"})
    for day in days:
        made.add_component(_event(day, now))
    written: bytes = made.to_ical()
    return written


def _event(day: OwnDay, now: datetime) -> Any:
    from icalendar import Event  # noqa: PLC0415  slow to import

    event: Any = Event()
    event.add("uid", f"{uuid5(_OURS, day.key)}")
    event.add("dtstamp", now)
    event.add("dtstart", day.safe_on)
    event.add("dtend", day.last_good_on + DAY)
    done = "✓ " if day.is_done else ""
    event.add("summary", _line(f"{done}{day.title} · {day.owner_name}"))
    event.add("description", _line(_says(day)))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _line(text: str) -> str:
    """Return words as one line: programs differ in what they take for the end of one."""
    return " ".join(clean(text).split())


def _says(day: OwnDay) -> str:
    """Return label and days, as the reminders say them."""
    said = [f"{day.label[:1].upper()}{day.label[1:]}."] if day.label else []
    last = day.last_good_on
    said.append(f"Hết ngày {last.day}/{last.month}/{last.year} là hết hạn.")
    if day.named_on is not None:
        said.append(f"Văn bản ghi trước ngày {day.named_on.day}/{day.named_on.month}.")
    if day.safe_on != last:
        safe = f"{day.safe_on.day}/{day.safe_on.month}"
        said.append(f"Nên xong trong ngày {safe} vì sau đó là ngày nghỉ.")
    return " ".join(said)
