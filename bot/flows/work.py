"""``hear``: the one pure step of the conversation with a leader.

It touches no channel, database, clock or key; what it needs done it returns as an act, and it is
called again with the result. Words that name people are refused before anything is kept of them.
"""

from bot.flows import check_in, enrol, nudged, ward_desk, work_calendar, work_results, work_wishes
from bot.flows import check_in_card as card
from bot.flows import check_in_detail as detail
from bot.flows import check_in_receipt as receipt
from bot.flows import work_menu as menu
from bot.flows.base import Chose, Commanded, Edited, Lost, NotKept, Said
from bot.flows.check_in_number import counted
from bot.flows.check_in_what import asked_in
from bot.flows.work_shapes import Kept, Outcome, WorkDraft, WorkEvent, WorkState, WorkStep
from bot.flows.work_words import KINDS, cut, tell
from bot.flows.work_world import ReadLine, WorkWorld
from intake.text import clean

_LONGEST_LINE = 500
_DAYS = frozenset({"date", "future_date"})
_DETAILS = frozenset({"place", "chair", "present", "topics", "opinions", "note"})


def hear(state: WorkState, event: WorkEvent, world: WorkWorld) -> WorkStep:
    """Take one event and return the next state, what to say, and at most one act."""
    outcome = _hear(state, event, world)
    step = outcome if isinstance(outcome, WorkStep) else _go_on(outcome, world)
    return _with_waiting(state, step, world)


def prompt(state: WorkState, world: WorkWorld) -> WorkStep:
    """Put the current question again, changing nothing else."""
    if state.step == enrol.INVITED:
        return enrol.offer(state, world)
    return _go_on(state, world)


def _go_on(state: WorkState, world: WorkWorld) -> WorkStep:
    if state.draft is None:
        return ward_desk.again(state, world) or menu.show(state, world)
    return card.advance(state, world)


def _with_waiting(before: WorkState, step: WorkStep, world: WorkWorld) -> WorkStep:
    """Take up the line that came while a draft was open, now that it is saved or thrown away."""
    if before.waiting is None or step.state.draft is not None or step.act is not None:
        return step
    text, source = before.waiting
    taken = _line(step.state.but(waiting=None), text, source, world)
    more = taken if isinstance(taken, WorkStep) else _go_on(taken, world)
    return WorkStep(more.state, (*step.says, *more.says), more.act)


def _hear(state: WorkState, event: WorkEvent, world: WorkWorld) -> Outcome:
    match event:
        case Commanded():
            theirs = ward_desk.obey(state, event, world) or work_wishes.obey(state, event, world)
            return theirs or menu.obey(state, event, world)
        case Chose(key):
            return _tap(state, key, world)
        case Said(text, source):
            return _said(state, text, source, world)
        case Edited(text, source):
            return _edited(state, text, source, world)
        case Kept() | NotKept():
            return _attached(state, event, world)
        case Lost():
            return prompt(state, world)
        case _:
            return work_results.came(state, event, world) or prompt(state, world)


# --- buttons --------------------------------------------------------------------------------------


def _tap(state: WorkState, key: str, world: WorkWorld) -> Outcome:
    question = check_in.BY_NAME.get(state.step) if state.draft is not None else None
    outcome = question.tap(state, key, world) if question else None
    if outcome is None and state.step == "reason":
        outcome = card.tap_reason(state, key, world)
    for tap in (
        nudged.tap, receipt.tap_lasting, card.tap_card, work_wishes.tap, menu.tap, enrol.tap,
        work_calendar.tap, ward_desk.tap,
    ):  # fmt: skip
        outcome = outcome or tap(state, key, world)
    if outcome is None and state.draft is not None:
        for tap in (card.tap_what, detail.tap_detail, detail.tap_choice):
            outcome = outcome or tap(state, key, world)
    return outcome or prompt(state, world)


# --- words ----------------------------------------------------------------------------------------


def _said(state: WorkState, text: str, source: str, world: WorkWorld) -> Outcome:
    """Take words as an answer to what is being asked, or else as a line of their own."""
    return _answered(state, text, world) or _line(state, text, source, world)


def _answered(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    if state.step == "exempt?":
        return menu.type_reason(state, text, world)
    if (wish := nudged.say(state, text, world) or work_wishes.say(state, text, world)) is not None:
        return wish
    if state.draft is None and (answer := ward_desk.say(state, text, world)) is not None:
        return answer
    if state.draft is None or len(text) > _LONGEST_LINE:
        return None
    if state.step in _DETAILS:
        return detail.type_detail(state, text, world)
    if state.step == "reason":
        return card.type_reason(state, text, world)
    question = check_in.BY_NAME.get(state.step)
    return question.words(state, text, world) if question else None


def _line(state: WorkState, text: str, source: str, world: WorkWorld) -> Outcome:
    """Read a free line; nothing is kept of one that names people or tells of a crime."""
    tidy = clean(text)
    if len(tidy) > _LONGEST_LINE:
        return WorkStep(state, (tell("dong_dai", world),))
    if not tidy:
        return prompt(state, world)
    if world.refuses(tidy):
        return card.refused(state, world)
    line = world.read(tidy)
    match line.outcome:
        case "tip_like":
            return card.refused(state, world)
        case "not_a_check_in" if state.draft is None and world.was_not_held(tidy):
            return menu.tap(state, "khong_to_chuc", world) or prompt(state, world)
        case "not_a_check_in":
            return _not_understood(state, world)
        case _:
            return _take(state, tidy, source, line, world)


def _take(state: WorkState, text: str, source: str, line: ReadLine, world: WorkWorld) -> Outcome:
    """Begin a draft with a line, add it to the open one, or let it wait until that is saved."""
    if not world.owners:
        return WorkStep(state, (tell("chua_giao_viec", world),))
    if state.draft is None or not _has_content(state.draft):
        return check_in.begin(state, world, source, line)
    if _goes_with(line, state.draft):
        return _fill(state, line)
    return card.still_open(state.but(waiting=(text, source)), world)


def _not_understood(state: WorkState, world: WorkWorld) -> WorkStep:
    if state.draft is None:
        choices = ("da_tuyen_truyen", "da_hop", "viec_khac_to", "giup_viec")
        return WorkStep(state.but(step="menu"), (tell("chua_hieu_viec", world, *choices),))
    again = prompt(state, world)
    return WorkStep(again.state, (tell("chua_hieu", world), *again.says))


def _has_content(draft: WorkDraft) -> bool:
    return bool(draft.kind or draft.done_on or draft.people or draft.households)


def _goes_with(line: ReadLine, draft: WorkDraft) -> bool:
    """Return whether a line adds to the open draft rather than telling of something else."""
    same = line.kind is None or not draft.kind or line.kind in draft.kinds
    return same and not asked_in(line, "two_kinds", "two_units", "unit")


def _fill(state: WorkState, line: ReadLine) -> WorkState:
    """Put what a line says into the open draft, over what stood there."""
    if line.kind in KINDS and not (state.draft or WorkDraft()).kind:
        state = state.drafted(kind=line.kind).settling("kind", "two_kinds")
    if line.done_on is not None:
        state = state.drafted(done_on=line.done_on).settling("date", "future_date")
        state = state.reopening("da_co", "qua_cu", "ky_da_khoa")
    if line.people is not None or line.households is not None:
        state = counted(state, people=line.people, households=line.households)
    if line.place:
        state = state.drafted(place=cut(line.place, 120))
    opened = check_in.asks_of(line, {*line.asks} - {"kind"})
    over = {*line.asks, *(_DAYS if _DAYS & {*line.asks} else ())}
    kept = tuple(ask for ask in state.asks if ask.name not in over)
    return state.but(asks=(*kept, *opened), source=state.source)


# --- an older message that was changed ------------------------------------------------------------


def _edited(state: WorkState, text: str, source: str, world: WorkWorld) -> Outcome:
    """Make a changed message a changed draft: of the open one, or of the check-in it became."""
    tidy = clean(text)
    known = dict(state.filed).get(source)
    ours = state.draft is not None and state.source == source and not state.amends
    if not tidy or not (ours or known):
        return WorkStep(state, (tell("sua_khong_ro", world, "xem_viec"),))
    if world.refuses(tidy) or (line := world.read(tidy)).outcome == "tip_like":
        return card.refused(state, world)
    if line.outcome == "not_a_check_in":
        return _not_understood(state, world)
    if ours:
        return check_in.begin(state, world, source, line)
    return _edited_later(state, line, str(known), world)


def _edited_later(state: WorkState, line: ReadLine, known: str, world: WorkWorld) -> Outcome:
    view = world.find(known)
    if view is None or view.state == "voided":
        return WorkStep(state, (tell("khong_thay_buoi", world, "xem_viec"),))
    if state.draft is not None and state.amends != view.id:
        return card.still_open(state, world)
    changed = receipt.amending(state, view)
    if line.kind in KINDS and line.kind not in view.counts_as:
        changed = changed.drafted(kind=line.kind, also=())
    return _fill(changed, line)


# --- pictures and voice notes ---------------------------------------------------------------------


def _attached(state: WorkState, kept: Kept | NotKept, world: WorkWorld) -> Outcome:
    """Add a picture or a voice note to the draft, read its caption, and go on asking."""
    if isinstance(kept, NotKept):
        return WorkStep(state, (tell(kept.reason, world, **kept.values),))
    if kept.caption and world.refuses(clean(kept.caption)):
        return card.refused(state, world)
    begun = state if state.draft else check_in.blank(state, world, kept.source)
    added = card.attach(begun, kept)
    key = "da_giu_tieng" if kept.is_voice else "da_giu_anh"
    if kept.caption:
        taken = _line(added, kept.caption, kept.source, world)
        return taken if isinstance(taken, WorkStep) else card.advance(taken, world)
    after = card.advance(added, world)
    return WorkStep(after.state, (tell(key, world), *after.says))
