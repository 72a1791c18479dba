"""The switch that stops reminders: for everybody, or for an area and everything below it.

While it is on, nothing leaves; what waits is judged again when it is off, and is dropped when its
window closes before that.
"""

from collections.abc import Collection

from intake.nudging.desk_shapes import StopView
from intake.nudging.telling import OPERATOR, names_of
from intake.service import Intake
from intake.work.work_scope import Reach
from storage.nudges import SwitchRow
from storage.unit_of_work import Tx, View

EVERYWHERE = "nudges"
"""The switch of the whole installation; the administrator's."""


def switch_of(area_id: str) -> str:
    """Return the name of the switch of an area and everything below it."""
    return f"{EVERYWHERE}:{area_id}"


def stopped_areas(view: View) -> frozenset[str]:
    """Return the areas that are stopped; "" stands for everybody."""
    return frozenset(area_of(row.name) for row in view.nudge_log.stops(EVERYWHERE))


def area_of(name: str) -> str:
    """Return the area of a switch; "" for the one of everybody."""
    return name.removeprefix(EVERYWHERE).removeprefix(":")


def stop_all(intake: Intake) -> bool:
    """Stop every reminder, as the operator at the server; False when all is stopped already."""
    now = intake.clock.now()

    def work(tx: Tx) -> bool:
        found = tx.nudges.stop(EVERYWHERE, now, OPERATOR)
        if found:
            tx.audit.append(now, OPERATOR, "nudges.stop", "")
        return found

    return intake.write_now(work)


def resume_all(intake: Intake) -> bool:
    """Take back the stop of the whole installation; False when there is none.

    What an area has stopped for itself stays stopped.
    """
    now = intake.clock.now()

    def work(tx: Tx) -> bool:
        found = tx.nudges.resume(EVERYWHERE)
        if found:
            tx.audit.append(now, OPERATOR, "nudges.resume", "")
        return found

    return intake.write_now(work)


def is_stopped(view: View, owner_ids: Collection[str], stopped: frozenset[str]) -> bool:
    """Return whether somebody who looks after these is to hear nothing.

    One who looks after something elsewhere as well hears nothing either: what is said to them
    would hold the stopped area's duties.
    """
    if not stopped or "" in stopped:
        return bool(stopped)
    for owner_id in owner_ids:
        owner = view.owners.get(owner_id)
        if owner is not None and stopped & set(view.owners.chain(owner.area_id)):
            return True
    return False


def stops_seen(view: View, reach: Reach | None) -> tuple[StopView, ...]:
    """Return the stops that concern an area or lie inside it; None: the administrator sees all."""
    rows = view.nudge_log.stops(EVERYWHERE)
    names = names_of(view, {row.stopped_by for row in rows})
    areas = view.owners.names({area_of(row.name) for row in rows} - {""})
    found: list[StopView] = []
    for row in rows:
        area = area_of(row.name)
        inside = _is_inside(view, area, reach)
        if reach is None or inside or not area or area in reach.chain:
            found.append(
                StopView(
                    area_id=area, area_name=areas.get(area, area), at=row.stopped_at,
                    by=names.get(row.stopped_by, ""),
                    mine=inside and is_in_hand(view, row, reach),
                )
            )  # fmt: skip
    return tuple(found)


def is_in_hand(view: View, row: SwitchRow, reach: Reach | None) -> bool:
    """Return whether whoever sees this far may let it run: not what the level above stopped."""
    if reach is None:
        return True
    kind, _, hexed = row.stopped_by.partition(":")
    officer = view.officers.get(bytes.fromhex(hexed)) if kind == "officer" else None
    unit = view.areas.unit(officer.unit_id) if officer else None
    place = view.owners.get(unit.area_id) if unit else None
    return place is None or reach.holds(place)


def _is_inside(view: View, area_id: str, reach: Reach | None) -> bool:
    if reach is None:
        return not area_id
    owner = view.owners.get(area_id) if area_id else None
    return owner is not None and reach.holds(owner)
