"""What `homthu programme`, `homthu deadlines` and `homthu duties` say: in words and in JSON.

Pure: what was found goes in, lines or fields come out; `docs/programmes.md` has every field. Reads
no file and prints nothing.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intake.plans.deadlines import Board
    from intake.plans.duties import Standing
    from intake.plans.programme import Programme
    from intake.plans.programme_schema import Deadline, Duty

_PER = {"month": "tháng", "quarter": "quý", "semester": "học kỳ", "year": "năm",
        "plan": "cả kế hoạch", "always": "luôn duy trì"}  # fmt: skip


def board_answer(board: "Board") -> dict[str, Any]:
    """Return what is due next, still open, late and without a day, as it goes out in JSON."""
    return {
        "next": [
            {
                "deadline": coming.deadline.id,
                "named_on": iso(coming.occurrence.named_on),
                "last_good_on": iso(coming.occurrence.last_good_on),
                "safe_on": iso(coming.safe_on),
                "days_left": coming.days_left,
            }
            for coming in board.coming
        ],
        "open": [coming.deadline.id for coming in board.coming if not coming.filed],
        "overdue": [
            {"deadline": late.deadline.id, "days_late": late.days_late} for late in board.late
        ],
        "unscheduled": board.unscheduled,
    }


def board_words(found: "Programme", board: "Board") -> str:
    """Return the same in lines to read, each with where the plan says it."""
    lines = [found.plan.title]
    for coming in board.coming:
        named = "trước ngày" if coming.deadline.due_before is not None else "ngày"
        state = "đã gửi" if coming.filed else f"còn {coming.days_left} ngày"
        lines.append(
            f"  {coming.deadline.title}: {named} {_vn(coming.occurrence.named_on)}, hết ngày"
            f" {_vn(coming.occurrence.last_good_on)}, nên xong {_vn(coming.safe_on)}; {state}"
            f" ({source_of(found, coming.deadline)})"
        )
    for late in board.late:
        since = f"{late.days_late} ngày" if late.days_late else "từ hôm nay"
        named_on = _vn(late.occurrence.named_on)
        lines.append(f"  QUÁ HẠN {since}: {late.deadline.title}, văn bản ghi {named_on}")
    lines += [f"  chưa đặt ngày: {item.title} ({item.cite})" for item in found.undated]
    if board.unscheduled:
        lines.append("  Chương trình này không có hạn nào ghi ngày: chưa đặt ngày.")
    return "\n".join(lines)


def standing_answer(standing: "Standing") -> dict[str, Any]:
    """Return how a duty stands in this period and stood in the last, as it goes out in JSON."""
    before = standing.previous
    return {
        "period": standing.period.name,
        "status": standing.status,
        "done": standing.done,
        "need": standing.need,
        "last_good_on": iso(standing.last_good_on),
        "days_left": standing.days_left,
        "previous": {"period": before.period.name, "status": before.status} if before else None,
    }


def standing_words(duty: "Duty", standing: "Standing") -> str:
    """Return the same in one line, or two."""
    state = "đủ" if standing.status == "met" else "chưa đủ"
    until = f", hạn {_vn(standing.last_good_on)}" if standing.last_good_on else ""
    lines = [
        f"{duty.title}, kỳ {standing.period.name}: {standing.done}/{standing.need}, {state}{until}"
    ]
    if standing.previous:
        ended = "đủ" if standing.previous.status == "met" else "thiếu"
        lines.append(f"Kỳ trước {standing.previous.period.name}: {ended}")
    return "\n".join(lines)


def duty_words(found: "Programme", duty: "Duty") -> str:
    """Return a duty, how often it is owed, and where the plan says so."""
    counted = "" if duty.count_in_text else "; văn bản không ghi số lần"
    often = _PER[duty.per] if duty.per == "always" else f"{duty.count} lần/{_PER[duty.per]}"
    return f"{duty.title}: {often} ({source_of(found, duty)}{counted})"


def source_of(found: "Programme", item: "Deadline | Duty") -> str:
    """Return where an item comes from: the section that is cited, or the unit's own basis."""
    return (item.basis or "do đơn vị tự đặt") if found.is_own(item) else f"{item.cite}"


def span_words(first: str | None, last: str | None) -> str:
    """Return two days, both inside; None stands for days that the plan does not set."""
    return f"từ {first} đến hết {last}" if first else "chưa đặt (văn bản không ghi)"


def iso(day: date | None) -> str | None:
    """Return a day as JSON has it."""
    return day.isoformat() if day else None


def _vn(day: date | None) -> str:
    return f"{day.day}/{day.month}/{day.year}" if day else "—"
