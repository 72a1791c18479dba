"""Plans reminders that a ward asks for by hand, to whoever looks after what is missing.

As at the console (`intake.nudging.acts`): written to the audit chain first, nothing while reminders
are stopped here, nobody in an officer's own chat.
"""

from collections.abc import Mapping
from datetime import date

from bot.flows.ward_shapes import Reminded
from bot.flows.work_shapes import Failed
from intake.nudging.shapes import NudgeByHand
from intake.nudging.stops import is_stopped, stopped_areas
from intake.service import Intake
from intake.work.leaders import PARTS

NOBODY, OWN = "nobody", "own"


def remind(  # noqa: PLR0917 - what the ward's chat knows
    intake: Intake,
    by_hand: NudgeByHand,
    area_id: str,
    missing: Mapping[str, str],
    today: date,
    by: str,
) -> Reminded | Failed:
    """Ask for one message to each person of a ward; ``missing`` names units by their ids."""
    with intake.read() as view:
        if is_stopped(view, [area_id], stopped_areas(view)):
            return Failed("dang_dung_nhac")
        held = view.assignments.assigned_on(list(missing), today)
        owned = view.own_addresses.owned({each.leader_id for each in held})
    found: dict[str, bytes] = {}
    for each in sorted(held, key=lambda each: PARTS.index(each.part)):
        found.setdefault(each.owner_id, each.leader_id)
    first = {leader: missing[owner] for owner, leader in reversed(found.items())}
    asked = [leader for leader in first if leader not in owned]
    now, told = intake.clock.now(), {"people": len(asked)}
    intake.write_now(
        lambda tx: tx.audit.append(now, f"ward:{area_id}", "nudge.hand", area_id, told)
    )
    answers = dict.fromkeys(owned.keys() & first.keys(), OWN) | dict(by_hand.ask(asked, by))
    refused = [(name, NOBODY) for owner, name in missing.items() if owner not in found]
    refused += [(first[leader], why) for leader, why in answers.items() if why]
    return Reminded(sum(not why for why in answers.values()), tuple(refused))
