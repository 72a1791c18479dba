"""Which version of a tip somebody has seen who has it on a page.

A tip's row counts the acts on it. What the reporter adds may not touch that number when it arrives:
it would tell before the release minute that something came. So a version as officers know it is the
row's number and the number of pieces that the reporter has added and that are released, pictures
too. Both only grow: who names the sum has seen all of both.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from intake.vault.key_pairs import key_id_of
from storage.parts import PartHead
from storage.tips import TipRow
from storage.unit_of_work import View


def seen_versions(view: View, tips: Sequence[TipRow], now: datetime) -> Mapping[bytes, int]:
    """Return tip id → the version that a page of this moment shows; ``tips`` read no later."""
    codes = [key_id_of(tip.reply_key) for tip in tips]
    added = view.parts.added([tip.id for tip in tips], codes, now)
    return {tip.id: tip.version + added.get(tip.id, 0) for tip in tips}


def unseen(
    view: View, tip: TipRow, heads: Sequence[PartHead], keys: Collection[bytes], now: datetime
) -> list[datetime]:
    """Return the release minutes of what a reporter added that these keys do not show now.

    ``heads`` are the tip's own. That is what is still to come, and what is sealed to others alone:
    while a unit's key is out of date, additions go to the unit above.
    """
    code = key_id_of(tip.reply_key)
    added = [head for head in heads if head.id != tip.id]
    wraps = view.parts.wraps([head.id for head in added], [code, *keys])
    shown = {wrap.part_id for wrap in wraps}
    to_code = {wrap.part_id for wrap in wraps if wrap.key_id == code}  # what a unit wrote
    return sorted(
        head.release_at
        for head in added
        if head.id not in to_code and (head.release_at > now or head.id not in shown)
    )
