"""Judges whether the items of a programme fit together, and says which line to mend.

After the schema: citations, days that exist, references that lead somewhere, duties that somebody
owes, bodies that are gone and their succession. Judges, and changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from intake.plans.checked_toml import Fault, Reading, in_order, read_text
from intake.plans.due_rules import BadDay, day_and_month, day_key, due_rule
from intake.plans.programme_files import LadderFile, OwnFile, ProgrammeFile
from intake.plans.programme_schema import (
    LADDER_KINDS,
    UNSET,
    Cited,
    Deadline,
    Duty,
    Ladder,
    Period,
    Role,
    Semester,
    Shape,
)  # fmt: skip
from intake.plans.toml_lines import Place

_CITED = ("level", "group", "stage", "period", "deadline", "undated", "duty", "route", "target",
          "discrepancy")  # fmt: skip
_ITEMS = ("deadline", "undated", "duty")

File = TypeVar("File", ProgrammeFile, OwnFile)


def check_programme(text: str) -> Reading[ProgrammeFile]:
    """Read a whole programme and judge it."""
    reading = read_text(text, ProgrammeFile)
    if reading.value is None:
        return reading
    return _judged(text, reading.value, _programme_faults(reading.value))


def check_own(text: str, plan: ProgrammeFile) -> Reading[OwnFile]:
    """Read what an installation adds to ``plan`` and judge it against the plan."""
    reading = read_text(text, OwnFile)
    if reading.value is None:
        return reading
    return _judged(text, reading.value, _own_faults(reading.value, plan))


def _judged(text: str, value: File, faults: Iterator[Fault]) -> Reading[File]:
    found = in_order(text, list(faults))
    return Reading(None if found else value, found)


def _programme_faults(file: ProgrammeFile) -> Iterator[Fault]:
    yield from _citations(file)
    yield from _doubled(file, ("role",), ("period",), ("discrepancy",), _ITEMS)
    yield from _backwards(file)
    yield from _deadlines(file.deadline, {period.id for period in file.period})
    yield from _periods(file.period)
    yield from _semesters(file.semester)
    gone = {level.id for level in file.level if level.gone}
    yield from _duties(file.duty, gone)
    yield from _roles_named(file, {role.id for role in file.role})
    yield from _abouts(file)
    yield from _ladders(file.ladder, (*file.deadline, *file.duty))
    yield from _succession(file.succession, file.role, every_gone_one=True)


def _own_faults(file: OwnFile, plan: ProgrammeFile) -> Iterator[Fault]:
    roles = (*plan.role, *file.role)
    yield from _doubled(file, ("role",), ("period",), ("deadline", "duty"))
    yield from _overruled(file, plan)
    yield from _deadlines(file.deadline, {period.id for period in (*plan.period, *file.period)})
    yield from _periods(file.period)
    yield from _semesters(file.semester)
    yield from _duties(file.duty, {level.id for level in plan.level if level.gone})
    yield from _roles_named(file, {role.id for role in roles})
    yield from _ladders(file.ladder, (*plan.deadline, *plan.duty, *file.deadline, *file.duty))
    yield from _succession(file.succession, roles, every_gone_one=False)


def _citations(file: ProgrammeFile) -> Iterator[Fault]:
    fix = 'thêm cite = "mục của văn bản", thí dụ cite = "VII.2"'
    if file.is_plan and not file.cite:
        yield Fault(("id",), "kế hoạch thiếu trích dẫn của tên, ngày", fix)
    if file.is_plan and "validity" in file.model_fields_set and not file.validity.cite:
        yield Fault(("validity",), "hiệu lực thiếu trích dẫn", fix)
    for table in _CITED:
        for at, item in enumerate(_cited_in(file, table)):
            if not item.cite and (file.is_plan or not (item.basis or file.basis)):
                other = "" if file.is_plan else ', hoặc basis = "do đơn vị tự đặt"'
                yield Fault((table, at), "mục này thiếu trích dẫn", fix + other)


def _cited_in(file: Shape, table: str) -> tuple[Cited, ...]:
    return getattr(file, table)


def _doubled(file: Shape, *spaces: tuple[str, ...]) -> Iterator[Fault]:
    for tables in spaces:
        seen: Counter[str] = Counter()
        for table in tables:
            for at, item in enumerate(getattr(file, table, ())):
                seen[item.id] += 1
                if seen[item.id] > 1:
                    yield Fault((table, at, "id"), "mã này đã dùng ở trên", "đặt mã khác")


def _backwards(file: ProgrammeFile) -> Iterator[Fault]:
    spans = [(("validity", "until"), file.validity.since, file.validity.until)]
    spans += [(("stage", at, "to"), s.since, s.until) for at, s in enumerate(file.stage)]
    for place, first, last in spans:
        if first and last and last < first:
            yield Fault(place, "ngày kết thúc đứng trước ngày bắt đầu", "xem lại hai ngày")


def _deadlines(deadlines: Iterable[Deadline], periods: set[str]) -> Iterator[Fault]:
    for at, deadline in enumerate(deadlines):
        try:
            key = day_key(deadline)
        except BadDay as bad:
            yield Fault(("deadline", at), bad.says, bad.fix)
            continue
        yield from _told(("deadline", at, key), lambda d=deadline: due_rule(d))
        if deadline.period and deadline.period not in periods:
            yield Fault(("deadline", at, "period"), "không có kỳ này", _one_of(periods))
        if not deadline.sender:
            yield Fault(("deadline", at, "from"), "hạn không có ai phải gửi", "ghi mã cơ quan gửi")


def _periods(periods: Iterable[Period]) -> Iterator[Fault]:
    for at, period in enumerate(periods):
        yield from _told(("period", at, "from"), lambda p=period: day_and_month(p.first))
        yield from _told(("period", at, "to"), lambda p=period: day_and_month(p.last))


def _told(place: Place, read: Callable[[], object]) -> Iterator[Fault]:
    try:
        read()
    except BadDay as bad:
        yield Fault(place, bad.says, bad.fix)


def _semesters(semesters: tuple[Semester, ...]) -> Iterator[Fault]:
    for at, semester in enumerate(semesters):
        if semester.last < semester.first:
            yield Fault(("semester", at, "to"), "học kỳ kết thúc trước khi bắt đầu", "xem lại ngày")
        if at and semester.first <= semesters[at - 1].last:
            yield Fault(("semester", at, "from"), "học kỳ chồng lên học kỳ trên", "xếp theo ngày")


def _duties(duties: Iterable[Duty], gone: set[str]) -> Iterator[Fault]:
    for at, duty in enumerate(duties):
        owed = duty.owed_by
        standing = [level for level in owed.levels if level not in gone]
        if not (standing or owed.organisations or owed.roles):
            yield Fault(
                ("duty", at, "owed_by"),
                "việc không có ai phải làm (không ghi ai, hoặc chỉ ghi cấp không còn)",
                'ghi owed_by = { levels = ["neighbourhood"] }, hoặc organisations, hoặc roles',
            )


def _roles_named(file: ProgrammeFile | OwnFile, roles: set[str]) -> Iterator[Fault]:
    for place, named in _namings(file):
        if not set(named) <= roles:
            yield Fault(place, "không có cơ quan mang mã này", _one_of(roles))


def _namings(file: ProgrammeFile | OwnFile) -> Iterator[tuple[Place, tuple[str, ...]]]:
    for at, deadline in enumerate(file.deadline):
        yield ("deadline", at, "from"), deadline.sender
        yield ("deadline", at, "to"), deadline.to
        yield ("deadline", at, "via"), (deadline.via,) if deadline.via else ()
    for at, duty in enumerate(file.duty):
        yield ("duty", at, "owed_by"), duty.owed_by.roles
        yield ("duty", at, "by"), duty.by
        yield ("duty", at, "to"), duty.to
    if isinstance(file, OwnFile):
        return
    for at, undated in enumerate(file.undated):
        yield ("undated", at, "from"), undated.sender
        yield ("undated", at, "to"), undated.to
    for at, route in enumerate(file.route):
        yield ("route", at, "from"), route.sender
        yield ("route", at, "to"), route.to
        yield ("route", at, "via"), (route.via,) if route.via else ()
    for at, group in enumerate(file.group):
        yield ("group", at, "role"), (group.role,)


def _abouts(file: ProgrammeFile) -> Iterator[Fault]:
    known = {item.id for table in (*_ITEMS, "period") for item in getattr(file, table)}
    for at, discrepancy in enumerate(file.discrepancy):
        if not set(discrepancy.about) <= known:
            yield Fault(("discrepancy", at, "about"), "không có mục mang mã này", _one_of(known))


def _ladders(ladders: Iterable[Ladder], items: Iterable[Deadline | Duty]) -> Iterator[Fault]:
    known, seen = {*LADDER_KINDS, *(item.id for item in items)}, set[str]()
    for at, ladder in enumerate(ladders):
        if ladder.kind not in known:
            yield Fault(("ladder", at, "for"), "không có việc hay hạn mang mã này", _one_of(known))
        if ladder.kind in seen:
            yield Fault(("ladder", at, "for"), "bậc nhắc này đã ghi ở trên", "gộp làm một")
        if not set(ladder.deputies) <= set(ladder.rungs):
            yield Fault(("ladder", at, "deputies"), "người phó chỉ nghe được bậc có ở rungs",
                        f"chọn trong: {', '.join(map(str, ladder.rungs))}")  # fmt: skip
        seen.add(ladder.kind)


def check_ladders(text: str) -> Reading[LadderFile]:
    """Read the installation's ladders and judge them: each for a kind, since no plan is at hand."""
    reading = read_text(text, LadderFile)
    if reading.value is None:
        return reading
    found = in_order(text, list(_ladders(reading.value.ladder, ())))
    return Reading(None if found else reading.value, found)


def _succession(
    heirs: Mapping[str, str], roles: Iterable[Role], *, every_gone_one: bool
) -> Iterator[Fault]:
    by_id = {role.id: role for role in roles}
    standing = {role.id for role in by_id.values() if not role.gone}
    for old, heir in heirs.items():
        if old not in by_id:
            yield Fault(("succession", old), "không có cơ quan mang mã này", _one_of(set(by_id)))
        elif heir != UNSET and heir not in standing:
            yield Fault(("succession", old), "cơ quan kế nhiệm không có, hoặc cũng không còn",
                        f"ghi {UNSET}, hoặc {_one_of(standing)}")  # fmt: skip
    if every_gone_one:
        for old in sorted(set(by_id) - standing - set(heirs)):
            at = list(by_id).index(old)
            yield Fault(("role", at, "id"), "cơ quan không còn mà thiếu ở [succession]",
                        f'thêm {old} = "{UNSET}" dưới [succession]')  # fmt: skip


def _overruled(file: OwnFile, plan: ProgrammeFile) -> Iterator[Fault]:
    if file.extends != plan.id:
        yield Fault(("extends",), "tệp này mở rộng một kế hoạch khác", "đặt tên tệp theo extends")
    fixed = {item.id for item in (*plan.deadline, *plan.duty)}
    undated = {item.id for item in plan.undated}
    for table in ("deadline", "duty"):
        for at, item in enumerate(getattr(file, table)):
            if item.id in fixed or (table == "duty" and item.id in undated):
                yield Fault((table, at, "id"), "không được sửa mục của kế hoạch đã ban hành",
                            "đặt mã khác; chỉ mục “chưa đặt ngày” mới nhận ngày riêng")  # fmt: skip
    duties = {duty.id for duty in (*plan.duty, *file.duty)}
    for key in ("switch_on", "switch_off"):
        if not set(getattr(file, key)) <= duties:
            yield Fault((key,), "không có việc mang mã này", _one_of(duties))


def _one_of(known: set[str]) -> str:
    return f"dùng một trong: {', '.join(sorted(known))}" if known else "khai báo mã đó trước"
