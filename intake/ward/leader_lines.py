"""What the ward's book shows of a leader. Pure, but for the question what lies elsewhere."""

from datetime import date, datetime

from intake.ward.shapes import HoldingView, LeaderLine
from intake.work.work_scope import Reach
from storage.assignments import AssignmentRow
from storage.leaders import InviteRow, LeaderRow
from storage.unit_of_work import View
from storage.wards import ChatCount


def is_needed_elsewhere(view: View, reach: Reach, leader_id: bytes, day: date) -> bool:
    """Return whether a leader looks after something outside ``reach``, or will."""
    held = view.assignments.of_leader(leader_id)
    owners = (view.owners.get(h.owner_id) for h in held if h.until is None or day < h.until)
    return any(owner is not None and not reach.holds(owner) for owner in owners)


def holds(row: AssignmentRow, day: date) -> bool:
    """Return whether an assignment is in force on a day."""
    return row.since <= day and (row.until is None or day < row.until)


def holdings(
    held: list[AssignmentRow], leader_id: bytes, names: dict[str, str], day: date
) -> tuple[HoldingView, ...]:
    """Return what one leader looks after, in the order of the places."""
    order = {owner_id: at for at, owner_id in enumerate(names)}
    mine = sorted(
        (each for each in held if each.leader_id == leader_id),
        key=lambda each: (order.get(each.owner_id, len(order)), each.since),
    )
    return tuple(
        HoldingView(
            owner_id=each.owner_id, owner_name=names.get(each.owner_id, each.owner_id),
            part=each.part, since=each.since, until=each.until, now=holds(each, day),
        )
        for each in mine
    )  # fmt: skip


def line(
    row: LeaderRow, held: tuple[HoldingView, ...], chats: ChatCount | None,
    invites: list[InviteRow], now: datetime,
) -> LeaderLine:  # fmt: skip
    """Return one leader as the book shows them."""
    live = [one.expires_at for one in invites if one.used_at is None and one.expires_at > now]
    misused = [one.tried_again_at for one in invites if one.tried_again_at is not None]
    return LeaderLine(
        id=row.id.hex(), name=row.name, address_as=row.address_as, left_on=row.left_on,
        paused_until=row.paused_until, holdings=held, chats=chats.chats if chats else 0,
        blocked=chats.blocked if chats else 0, invited_until=max(live, default=None),
        misused_at=max(misused, default=None),
    )  # fmt: skip
