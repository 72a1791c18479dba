"""Whose a chat is, and where its conversation stands: a leader's, an invited one's, or nobody's.

Where a chat stands is kept in ``work_dialogue``, in clear, and only for chats that are enrolled or
hold a valid invite.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError

from bot.answered import Answered
from bot.flows import enrol
from bot.flows.base import Chose
from bot.flows.work_shapes import WorkState
from bot.flows.work_world import Owner
from bot.messages import Incoming
from bot.wording import Wording
from bot.work.hearing import invite_code, understand
from intake.service import Intake
from intake.work.leader_shapes import leader_of
from intake.work.leaders import Invited, Leader, Leaders
from storage.arrivals import ChatPlace
from storage.unit_of_work import Tx
from storage.work_dialogues import DialogueRow

_INVITE_BUTTONS = frozenset({"dong_y_viec", "khong_phai_toi"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chat stands: whose it is, or whom the invite that it holds is for."""

    leader: Leader
    owners: tuple[Owner, ...]
    state: WorkState
    version: int | None
    invited: Invited | None = None


class Chats:
    """Knows which chats are the work side's."""

    def __init__(self, intake: Intake, leaders: Leaders, wording: Wording) -> None:
        self._intake = intake
        self._leaders = leaders
        self._wording = wording
        self._known = Answered()
        self._back: set[tuple[str, str]] = set()  # chats that were noted as blocked, and wrote
        self._invited: set[tuple[str, str]] = set()  # chats that hold an invite, and wrote of else

    # --- whose message it is ----------------------------------------------------------------------

    def is_enrolled(self, channel: str, address: str) -> bool:
        """Return whether a chat is enrolled."""
        return self._leaders.is_enrolled(channel, address)

    def knows(self, incoming: Incoming) -> bool:
        """Return whether this process has met the chat as a leader's; asks no database."""
        return self._known.has((incoming.channel, incoming.address))

    def expects(self, incoming: Incoming, at: ChatPlace) -> bool:
        """Return whether a message, come to this place, is the work side's.

        An enrolled chat's always is. One that was only invited is while it answers the invite.
        """
        chat = (incoming.channel, incoming.address)
        if at.leader is not None:
            (self._back if at.is_blocked else self._known).add(chat)
            return True
        if self.is_invite(incoming, at):
            return True
        if at.dialogue is None:
            return False
        if self._answers_invite(incoming, at.dialogue):
            return True
        self._invited.add(chat)
        return False

    @staticmethod
    def is_invite(incoming: Incoming, at: ChatPlace) -> bool:
        """Return whether a message brings an invite into a chat that is not enrolled."""
        return at.leader is None and invite_code(incoming) is not None

    def forgetting_invite(self, incoming: Incoming) -> tuple[Callable[[Tx], None], ...]:
        """Return the work that forgets a chat which was invited and tells a tip instead.

        A chat in which a tip is told is promised that its account is not kept. The code itself
        stays good.
        """
        chat = (incoming.channel, incoming.address)
        if chat not in self._invited:
            return ()
        self._invited.discard(chat)

        def work(tx: Tx) -> None:
            tx.work_dialogues.drop(*chat)

        return (work,)

    def coming_back(self, incoming: Incoming) -> tuple[Callable[[Tx], None], ...]:
        """Return the work that notes that a blocked chat can be written to again."""
        chat = (incoming.channel, incoming.address)
        if chat not in self._back:
            return ()
        self._back.discard(chat)
        return (self._leaders.noting_blocked(*chat, at=None),)

    def _answers_invite(self, incoming: Incoming, row: DialogueRow) -> bool:
        state, _ = stored(row)
        heard = understand(incoming, state, self._wording)
        repeated = incoming.message_id in state.seen
        return repeated or (isinstance(heard, Chose) and heard.key in _INVITE_BUTTONS)

    # --- where it stands --------------------------------------------------------------------------

    def place(self, incoming: Incoming, at: ChatPlace | None = None) -> Place | None:
        """Return where an enrolled or invited chat stands; None for one that is neither.

        ``at`` is what its message has just met.
        """
        at = at or self._leaders.place_of(incoming.channel, incoming.address)
        state, version = stored(at.dialogue)
        if at.leader is not None:
            leader, today = leader_of(at.leader), self._intake.clock.today()
            held = self._leaders.holdings(leader.id, today)
            owners = tuple(Owner(each.owner_id, each.owner_name) for each in held)
            if version is None or state.step == enrol.INVITED:
                state = WorkState(language=leader.language)
            return Place(leader, owners, state, version)
        if version is None or invite_code(incoming) is not None:
            return None
        invited = self._leaders.look_at_hash(bytes.fromhex(state.invite)) if state.invite else None
        if not isinstance(invited, Invited):
            return None
        return place_of(invited, state, version)

    def row(self, channel: str, address: str) -> DialogueRow | None:
        """Return a chat's stored row."""
        with self._intake.glance() as view:
            return view.work_dialogues.get(channel, address)

    def stored(self, incoming: Incoming) -> tuple[WorkState, int | None]:
        """Return what is stored of a chat, and its version; None where nothing is."""
        return stored(self.row(incoming.channel, incoming.address))


def stored(row: DialogueRow | None) -> tuple[WorkState, int | None]:
    """Return what a chat's row says, and its version; None where there is none."""
    if row is None:
        return WorkState(), None
    try:
        return WorkState.model_validate_json(row.state), row.version
    except ValidationError:  # written by another version: begin anew, keep nothing of it
        return WorkState(), row.version


def place_of(invited: Invited, state: WorkState, version: int | None) -> Place:
    """Return where a chat stands that holds a valid invite."""
    owners = tuple(Owner(each.owner_id, each.owner_name) for each in invited.holdings)
    return Place(invited.leader, owners, state, version, invited)
