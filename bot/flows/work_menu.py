"""What a leader sees when they open the chat: what is owed, and what else can be done here.

No tip begins here. Whoever asks for it reads that this chat knows who they are, and is shown the
anonymous page.
"""

from bot.flows import check_in, enrol
from bot.flows import check_in_card as card
from bot.flows import check_in_receipt as receipt
from bot.flows import work_words as words
from bot.flows.base import Commanded
from bot.flows.check_in_question import MAIN, option
from bot.flows.work_shapes import (
    LASTING,
    AskExemption,
    Outcome,
    Phrase,
    Tell,
    WorkState,
    WorkStep,
)
from bot.flows.work_words import offer, tell
from bot.flows.work_world import WorkWorld
from intake.text import clean
from intake.work.check_in_shapes import CheckInView
from intake.work.obligations import Owed

ANSWER = f"{LASTING}dap."
_REASONS = ("nghi_mua_bao", "nghi_tet", "nho_nguoi_khac", "nghi_khac")
_LONGEST_REASON = 120


# --- the menu -------------------------------------------------------------------------------------


def show(state: WorkState, world: WorkWorld) -> WorkStep:
    """Show what is owed, what the ward has sent back, and the buttons to begin."""
    state = state.but(step="menu", options=())
    return WorkStep(
        state, (*(sent_back(each, world) for each in world.returned()[:1]), _owed(world))
    )


def _owed(world: WorkWorld) -> Tell:
    everything = [each for o in world.owners for each in world.standing(o.id, world.today)]
    left = [each for each in everything if words.is_open(each)]
    choices = ("da_tuyen_truyen", "da_hop", "viec_khac_to")
    if not world.owners:
        return tell("chua_giao_viec", world, "giup_viec")
    if not left:
        key = "dau_thang_xong" if everything else "chua_co_ke_hoach"
        return tell(key, world, *choices, "giup_viec")
    several = len(world.owners) > 1  # of which one it is stays open while only one has work left
    lines = tuple(_of_one(each) if several else words.owed_line(each) for each in left)
    values = {"n": len(left), "danh_sach": words.lines(lines)}
    key = "dau_thang_nhieu" if several else "dau_thang"
    return tell(key, world, *choices, "khong_to_chuc", "giup_viec", **values)


def _of_one(owed: Owed) -> Phrase:
    values = {"to": words.cut(owed.owner_name, 18), "viec": words.owed_line(owed, 24)}
    return Phrase("viec_cua_to", values)


def sent_back(view: CheckInView, world: WorkWorld) -> Tell:
    """Return what the ward asks about a check-in."""
    return tell(
        "tra_lai",
        world,
        f"{ANSWER}{view.id}",
        f"{receipt.CHANGE}{view.id}",
        ngay=words.day(view.done_on),
        cau_hoi=words.cut(view.question, 120),
    )


# --- buttons --------------------------------------------------------------------------------------


def tap(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    """Carry out a button that no question owns."""
    if key in _BEGINS:
        return _begin(state, world, _BEGINS[key])
    if key in _SAYS:
        sentence, choices = _SAYS[key]
        return WorkStep(state, (tell(sentence, world, *choices),))
    match key:
        case "xem_viec":
            return show(state, world)
        case "khong_to_chuc":
            return _ask_which(state, world)
        case "viet_tiep_to":
            return state
        case _:
            return _tap_data(state, key, world)


_BEGINS = {"da_tuyen_truyen": "outreach", "da_hop": "listening_meeting", "viec_khac_to": ""}
_SAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "giup_viec": ("giup_to_truong", ("tam_nghi", "doi_xung_ho", "thoi_viec", "xem_viec")),
    "mo_trang_kin": ("dia_chi_kin", ("xem_viec",)),
    "viet_lai": ("moi_viet_lai", ()),
    "bao": ("chat_cong_viec", ("mo_trang_kin", "xem_viec")),
    "moi": ("da_nhan_roi", ("xem_viec",)),
}


def _tap_data(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    if key.startswith(ANSWER):
        return _answer(state, key.removeprefix(ANSWER), world)
    if key in _REASONS:
        return _tap_reason(state, key, world)
    chosen = option(state, key, "nghia") if state.step == "exempt" else None
    if chosen is None:
        return None
    return ask_why(state, chosen, world)


def ask_why(state: WorkState, obligation_id: str, world: WorkWorld) -> WorkStep:
    """Ask why something cannot be held."""
    told = tell("khong_to_chuc_vi_sao", world, *_REASONS)
    return WorkStep(state.but(step="exempt?", options=(obligation_id,)), (told,))


def _begin(state: WorkState, world: WorkWorld, kind: str) -> Outcome | None:
    if not world.owners:
        return WorkStep(state, (tell("chua_giao_viec", world),))
    if state.draft is not None and (state.draft.kind or state.draft.done_on):
        return card.still_open(state, world)
    before = state.draft
    known: dict[str, object] = {"kind": kind}
    if before is not None:  # a picture that came first
        known |= {"photos": before.photos, "voice": before.voice}
    begun = check_in.blank(state, world, state.source if before else "", **known)
    if kind:
        return begun
    others = tuple(f"v_{each}" for each in words.KINDS if each not in MAIN)
    return WorkStep(begun.but(step="kind"), (tell("hoi_viec_khac", world, *others),))


def _answer(state: WorkState, check_in_id: str, world: WorkWorld) -> WorkStep:
    view = world.find(check_in_id)
    if view is None:
        return WorkStep(state, (tell("khong_thay_buoi", world, "xem_viec"),))
    if state.draft is not None and state.amends != view.id:
        return card.still_open(state, world)
    answering = receipt.amending(state, view).but(step="note", reason="ly_do_tra_loi")
    return WorkStep(answering, (tell("go_tra_loi", world),))


# --- what cannot be held --------------------------------------------------------------------------


def _ask_which(state: WorkState, world: WorkWorld) -> WorkStep:
    owed = [
        each
        for o in world.owners
        for each in world.standing(o.id, world.today)
        if words.is_open(each)
    ]
    if not owed:
        return show(state, world)
    if len(owed) == 1:
        return ask_why(state, owed[0].obligation_id, world)
    shown = owed[:6]
    labels = {
        f"nghia_{at}": Phrase("chu", {"chu": words.cut(f"{each.title}, {each.owner_name}", 56)})
        for at, each in enumerate(shown)
    }
    state = state.but(step="exempt", options=tuple(each.obligation_id for each in shown))
    return WorkStep(state, (offer("viec_nao_khong_to_chuc", world, labels),))


def _tap_reason(state: WorkState, key: str, world: WorkWorld) -> Outcome | None:
    if state.step != "exempt?" or not state.options:
        return None
    if key == "nghi_khac":
        return WorkStep(state, (tell("go_ly_do", world),))
    return WorkStep(state.but(step="exempting"), act=AskExemption(state.options[0], key))


def type_reason(state: WorkState, text: str, world: WorkWorld) -> Outcome | None:
    """Take a reason in the leader's own words, unless they name somebody."""
    reason = clean(text)[:_LONGEST_REASON]
    if not reason or not state.options:
        return None
    if world.refuses(reason):
        return card.refused(state, world)
    return WorkStep(state.but(step="exempting"), act=AskExemption(state.options[0], reason))


# --- commands -------------------------------------------------------------------------------------


def obey(state: WorkState, command: Commanded, world: WorkWorld) -> Outcome:
    """Carry out a command; an open draft stays, whatever is asked."""
    match command.name:
        case "viec" | "start":
            return show(state, world) if state.draft is None else _reminded(state, world)
        case "huy":
            return card.tap_card(state, "bo_nhap", world) or _nothing_open(state, world)
        case "thoi":
            return enrol.tap(state, "thoi_viec", world) or show(state, world)
        case "trogiup" | "bao" | "moi":
            key = _COMMANDS.get(command.name, command.name)
            return tap(state, key, world) or show(state, world)
        case _:
            return WorkStep(state, (tell("lenh_la_viec", world, "xem_viec", "giup_viec"),))


_COMMANDS = {"trogiup": "giup_viec"}


def _reminded(state: WorkState, world: WorkWorld) -> WorkStep:
    return card.still_open(state, world)


def _nothing_open(state: WorkState, world: WorkWorld) -> WorkStep:
    return WorkStep(state, (tell("khong_co_nhap_viec", world, "xem_viec"),))
