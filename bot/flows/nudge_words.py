"""A nudge in words: what is due, how many days are left, buttons that lead straight to it. Pure.

Days come counted from the day of sending. A leader's nudge fits a small screen: at most three
lines. What an officer is told holds counts and names of units, never of people.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.flows import work_words as words
from bot.flows.work_shapes import LASTING, Phrase, Phrases, Tell
from intake.nudging.shapes import AreaDigest, NudgeContent, NudgeLine

LOG, LATER, SNOOZE = f"{LASTING}ghi.", f"{LASTING}de_sau.", f"{LASTING}hen."
EXCUSE, STAND_IN, TROUBLE = f"{LASTING}mien.", f"{LASTING}nho.", f"{LASTING}vuong."
SENT, MISSING = f"{LASTING}moc_gui.", f"{LASTING}moc_thieu."
_CLOSE = 3  # days in which a stand-in is offered
_MOST_LINES, _FEWER_LINES = 3, 2
_LONGEST_TITLE = (60, 34, 22, 17)  # of one thing, of each of two, of three, of what is crowded
_LONGEST_OWNER, _LONGEST_NAME, _LONGEST_ASKER = 14, 14, 20
_MOST_DIGESTS, _MOST_REPORTS = 6, 4
_COMMON = "tổ dân phố số "


def nudge(content: NudgeContent, console: str, *, several: bool = False) -> Tell:
    """Return the one message of a nudge; ``console`` is where officers go on.

    ``several``: the leader looks after more than one place, so each line says which.
    """
    told = content.digests or any(line.sort == "deadline" for line in content.lines)
    tell = _to_officer(content, console) if told else _to_leader(content, several=several)
    address = {"xh": content.address_as, "Xh": content.address_as.capitalize()}
    return replace(tell, values=address | dict(tell.values))


# --- leaders --------------------------------------------------------------------------------------


def _to_leader(content: NudgeContent, *, several: bool) -> Tell:
    lines = sorted(content.lines, key=_urgency)
    first = lines[0]
    values: dict[str, object] = {"n": first.days_left}
    if first.is_late:
        key, most = "nhac_tre", _FEWER_LINES
    elif content.holiday is not None:
        key, most = "nhac_tet", _FEWER_LINES
        values |= {"tu": _short(content.holiday[0]), "den": _short(content.holiday[1])}
        values["ngay"] = _full(first.safe_on)
    elif first.days_left == 0:
        key, most = "nhac_hom_nay", _FEWER_LINES
    elif first.days_left <= _CLOSE:
        key, most = "nhac_sat", _MOST_LINES
        values["nguoi_thay"] = given_name(content.stand_in) or None
    else:
        key, most = "nhac", _MOST_LINES
    crowd = (content.holiday is not None) + bool(content.asked_by)
    most = min(most, _MOST_LINES - crowd)
    listed = _lines(lines, most, content.day, several=several, crowd=crowd)
    if content.asked_by:
        name = words.cut(content.asked_by, _LONGEST_ASKER)
        asker = Phrase("nho_giup", {"ten": name, "xh": content.address_as})
        listed = Phrases((asker, *listed.parts), "\n")
    values["danh_sach"] = listed
    choices, labels = _buttons(content, first)
    return Tell(key, values, choices, labels)


def _urgency(line: NudgeLine) -> tuple[int, bool]:
    """Order by how near the last day is, past or to come; what can still be in time goes first."""
    return abs(line.days_left), line.is_late


def _buttons(content: NudgeContent, first: NudgeLine) -> tuple[tuple[str, ...], dict[str, Phrase]]:
    about = first.subject.hex()
    labels: dict[str, Phrase] = {}
    middle: tuple[str, ...] = (f"{LATER}{about}",)
    if first.is_late:
        middle = (f"{TROUBLE}{about}",)
    elif first.days_left <= _CLOSE and content.stand_in:
        ask = f"{STAND_IN}{about}"
        labels[ask] = Phrase("nho_ai", {"ten": given_name(content.stand_in)})
        middle = (*middle, ask)
    elif content.snooze_on is not None:
        at, label = _snooze(content.snooze_on)
        labels[at] = label
        middle = (*middle, at)
    return (f"{LOG}{about}", *middle, f"{EXCUSE}{about}"), labels


def _snooze(day: date) -> tuple[str, Phrase]:
    return f"{SNOOZE}{day:%Y%m%d}", Phrase("nhac_toi", {"thu": words.weekday(day)})


def _lines(
    lines: Sequence[NudgeLine],
    most: int,
    today: date,
    *,
    several: bool = False,
    crowd: int = 0,
) -> Phrases:
    """Return what is owed; ``crowd`` is how many other things the message tells beside."""
    if len(lines) == 1:
        return Phrases((_only(lines[0], today, _longest(1, crowd), named=several),))
    alike = _alike(lines)
    if any(group[0].named_on for group in alike[:most]):
        most = min(most, _FEWER_LINES)
    shown = alike[:most]
    named = several or len({line.owner_id for line in lines}) > 1
    longest = _longest(len(shown), crowd)
    parts = [_one_of(group, longest, named=named) for group in shown]
    if rest := len(lines) - sum(map(len, shown)):
        parts.append(Phrase("va_viec_khac", {"n": rest}))
    return Phrases(tuple(parts), "\n")


def _alike(lines: Sequence[NudgeLine]) -> list[list[NudgeLine]]:
    """Return lines in groups of one duty on one day, which several neighbourhoods may owe."""
    groups: dict[tuple[object, ...], list[NudgeLine]] = {}
    for line in lines:
        same = (line.title, line.period_label, line.last_good_on, line.named_on, line.done)
        groups.setdefault(same, []).append(line)
    return list(groups.values())


def _longest(shown: int, crowd: int) -> int:
    """Return the characters of a title, so that the whole stays under 300 with any names."""
    return _LONGEST_TITLE[min(shown - 1 + 2 * crowd, len(_LONGEST_TITLE) - 1)]


def _only(line: NudgeLine, today: date, longest: int, *, named: bool) -> Phrase:
    """Return the only thing owed, with why its day is that day."""
    values = _values(line, longest) | {"ngay_an_toan": _safe(line, today)}
    values["to"] = _owners([line]) if named else None
    return Phrase("viec_tre_ro" if line.is_late else "viec_han_ro", values)


def _one_of(group: Sequence[NudgeLine], longest: int, *, named: bool) -> Phrase:
    line = group[0]
    owner = {"to": _owners(group) if named else None}
    return Phrase("viec_tre_dong" if line.is_late else "viec_han_dong",
                  _values(line, longest) | owner)  # fmt: skip


def _values(line: NudgeLine, longest: int) -> dict[str, object]:
    return {
        "viec": words.cut(line.title, longest),
        "dem": f"{line.done}/{line.need}" if line.need > 1 else None,
        "to": None,
        "ngay": _full(line.last_good_on),
        "ngay_van_ban": _short(line.named_on) if line.named_on else None,
        "n": -line.days_left,
    }


def _safe(line: NudgeLine, today: date) -> Phrase | None:
    """Return the working day to aim at, where days off follow it."""
    if not today <= line.safe_on < line.last_good_on:
        return None
    return Phrase("hom_nay_thoi") if line.safe_on == today else _full(line.safe_on)


def _owners(group: Sequence[NudgeLine]) -> Phrase:
    """Return who owes it for short; of many the first and how many more."""
    names = [short_owner(line.owner_name) for line in group]
    joined = ", ".join(names)
    if len(joined) <= _LONGEST_OWNER or len(names) == 1:
        return Phrase("chu", {"chu": joined})
    return Phrase("va_noi_khac", {"to": names[0], "n": len(names) - 1})


def short_owner(name: str) -> str:
    """Return what a neighbourhood is called for short."""
    short = f"tổ {name.removeprefix(_COMMON)}" if name.startswith(_COMMON) else name
    return words.cut(short, _LONGEST_OWNER)


def given_name(name: str) -> str:
    """Return what somebody is called by: the last word of a Vietnamese name."""
    parts = name.split()
    return words.cut(parts[-1], _LONGEST_NAME) if parts else ""


# --- officers and the ward's own people -----------------------------------------------------------


def _to_officer(content: NudgeContent, console: str) -> Tell:
    reports = [line for line in content.lines if line.sort == "deadline"]
    own = [line for line in content.lines if line.sort == "duty"]
    parts = [_report(line, content.day) for line in reports[:_MOST_REPORTS]]
    if rest := len(reports) - len(parts):
        parts.append(Phrase("va_viec_khac", {"n": rest}))
    if own:
        shown = _lines(own, _MOST_LINES, content.day)
        mine = {"danh_sach": shown, "xh": content.address_as}
        parts.append(Phrase("nhac_viec_minh", mine))
    shown_digests = content.digests[:_MOST_DIGESTS]
    parts += [part for digest in shown_digests for part in _digest(digest)]
    values: dict[str, object] = {"phan": Phrases(tuple(parts), "\n"), "dia_chi": console}
    choices, labels = _officer_buttons(content, reports, own)
    return Tell("nhac_can_bo", values, choices, labels)


def _officer_buttons(
    content: NudgeContent, reports: Sequence[NudgeLine], own: Sequence[NudgeLine]
) -> tuple[tuple[str, ...], dict[str, Phrase]]:
    choices = [f"{SENT}{reports[0].subject.hex()}"] if reports else list[str]()
    choices += [f"{LOG}{own[0].subject.hex()}"] if own else []
    if any(each.missing for each in content.digests) or any(line.missing for line in reports):
        choices.append(MISSING)
    if content.snooze_on is None or not content.lines:
        return tuple(choices), {}
    at, label = _snooze(content.snooze_on)
    return (*choices, at), {at: label}


def _report(line: NudgeLine, today: date) -> Phrase:
    values = _values(line, _LONGEST_TITLE[0]) | {
        "ky": line.period_label,
        "ngay_an_toan": _safe(line, today),
        "xy": "/".join(map(str, line.ready)) if line.ready else None,
        "ten_thieu": _names(line.missing, 0),
        "con": line.days_left,
    }
    if line.is_late:
        return Phrase("bao_cao_tre", values)
    return Phrase("bao_cao_hom_nay" if line.days_left == 0 else "bao_cao_han", values)


def _digest(digest: AreaDigest) -> list[Phrase]:
    parts: list[Phrase] = []
    if digest.title:
        values: dict[str, object] = {
            "viec": words.cut(digest.title, _LONGEST_TITLE[0]),
            "ky": digest.period_label or None,
            "noi": digest.area_name,
            "xy": f"{digest.met}/{digest.expected}",
            "ten_thieu": _names(digest.missing, digest.more),
        }
        parts.append(Phrase("tong_hop", values))
    for key, names in (
        ("tong_hop_qua_han", digest.escalated),
        ("tong_hop_chua_chi_dinh", digest.unset),
        ("tong_hop_chua_dat_ngay", digest.undated),
        ("tong_hop_goi_dien", digest.by_phone),
    ):
        if names:
            parts.append(Phrase(key, {"muc": _names(names, 0)}))
    if digest.unread_tips:
        parts.append(Phrase("tong_hop_tin", {"n": digest.unread_tips}))
    return parts


def _names(names: Sequence[str], more: int) -> Phrases | None:
    if not names:
        return None
    parts = tuple(Phrase("chu", {"chu": words.cut(name)}) for name in names)
    rest = (Phrase("va_don_vi_khac", {"n": more}),) if more else ()
    return Phrases((*parts, *rest))


def _full(day: date) -> Phrase:
    return Phrase("ngay_du", {"thu": words.weekday(day), "ngay": _short(day)})


def _short(day: date) -> str:
    return f"{day.day}/{day.month}"
