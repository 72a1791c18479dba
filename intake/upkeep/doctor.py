"""Looks an installation over: key files, key list, schema, probes, jobs, backups.

Every finding is about the machine; none is about a tip or a person. Nothing is changed.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from intake.errors import HomThuError, KeyListRejected
from intake.foundation import AUDIT, GATE, PEPPER, RELAY, SALT, SESSION, TOTP, Foundation, lay
from intake.keylist import read_key_file
from intake.settings import Settings
from intake.upkeep.backups import misdated, read_backup_key
from intake.upkeep.jobs import PROBE_ALARM, expected, states
from intake.upkeep.operator_words import in_vietnamese
from intake.vault.drafts import SessionKeys
from storage.unit_of_work import View

EXPIRY_WARNING = timedelta(days=45)


class Finding(NamedTuple):
    """One thing looked at, and a sentence for the operator."""

    good: bool
    says: str


def examine(settings: Settings) -> list[Finding]:
    """Return every finding; never raises for what it finds."""
    found = list(_key_files(settings))
    try:
        foundation = lay(settings)
    except HomThuError as error:
        return [*found, Finding(good=False, says=in_vietnamese(error))]
    try:
        found.append(Finding(good=True, says="lược đồ cơ sở dữ liệu đúng"))
        found.extend(_key_list(foundation))
        found.extend(_pinned(foundation))
        found.extend(_probes(foundation))
        found.extend(_jobs(foundation))
        found.extend(_backups(foundation))
    except HomThuError as error:
        found.append(Finding(good=False, says=in_vietnamese(error)))
    finally:
        foundation.close()
    return found


def _key_files(settings: Settings) -> Iterator[Finding]:
    for name in (SALT, PEPPER, TOTP, GATE, RELAY, AUDIT):
        try:
            read_key_file(settings, name)
            yield Finding(good=True, says=f"{name} còn đủ")
        except HomThuError as error:
            yield Finding(good=False, says=in_vietnamese(error))
    try:
        SessionKeys.load(settings.key_file(SESSION))
        yield Finding(good=True, says=f"{SESSION} còn đủ")
    except (HomThuError, OSError):
        yield Finding(good=False, says=f"{SESSION} thiếu hoặc hỏng: bản nháp sẽ mất")


def _key_list(foundation: Foundation) -> Iterator[Finding]:
    try:
        keyring = foundation.key_list.current
    except KeyListRejected as error:
        yield Finding(good=False, says=in_vietnamese(error))
        return
    soon = foundation.clock.today() + EXPIRY_WARNING
    for unit_id in sorted(keyring.parents):
        entry = keyring.unit(unit_id)
        if entry is None:
            yield Finding(good=False, says=f"khóa của {unit_id} đã hết hạn: hòm thư này đóng")
        elif entry.expires_on < soon:
            yield Finding(good=False, says=f"khóa của {unit_id} sắp hết hạn: lập đời khóa mới")
        else:
            yield Finding(good=True, says=f"khóa của {unit_id} còn hạn")


def _pinned(foundation: Foundation) -> Iterator[Finding]:
    """Without a pinned version only a file on this host keeps an old, still valid list out."""
    keyring = foundation.key_list.or_none
    if keyring is None:
        return
    if foundation.settings.key_list_minimum:
        yield Finding(good=True, says="phiên bản danh sách khóa đã ghim trong cài đặt")
        return
    pins = ", ".join(f"{json.dumps(who)} = {n}" for who, n in sorted(keyring.version_of.items()))
    line = f"key_list_minimum = {{ {pins} }}"
    yield Finding(
        good=False, says=f"chưa ghim phiên bản danh sách khóa: ghi lên đầu homthu.toml dòng {line}"
    )


def _probes(foundation: Foundation) -> Iterator[Finding]:
    today = foundation.clock.today()
    with foundation.intake.read() as view:
        probes = view.keys.probes()
        keyed = {unit.id: _officers_with_key(view, unit.id) for unit in view.areas.units()}
    for probe in probes:
        last = probe.opened_on or probe.made_on
        fresh = today - last <= PROBE_ALARM
        says = "đã thử mở được" if fresh else "bảy ngày chưa ai mở thử khóa: mời cán bộ đăng nhập"
        yield Finding(good=fresh, says=f"{probe.unit_id}: {says}")
    for unit_id, number in keyed.items():
        if number < 2:
            says = f"{unit_id}: chỉ có {number} cán bộ giữ khóa, cần ít nhất hai"
            yield Finding(good=False, says=says)


def _officers_with_key(view: View, unit_id: str) -> int:
    current = [key for key in view.keys.unit_keys(unit_id) if key.ended_on is None]
    return len(view.keys.grants_for(current[0].key_id)) if current else 0


def _jobs(foundation: Foundation) -> Iterator[Finding]:
    now = foundation.clock.now()
    with foundation.intake.read() as view:
        found = states(view, expected(foundation.settings), now)
    for state in found:
        limit = f"hạn {in_words(state.job.limit)}"
        if state.last is None:
            says = f"chưa chạy lần nào ({limit})"
        else:
            says = f"chạy xong {in_words(now - state.last)} trước ({limit})"
        name = f"{state.job.title} (việc nền {state.job.name})"
        yield Finding(good=not state.late, says=f"{name}: {says}")


def _backups(foundation: Foundation) -> Iterator[Finding]:
    settings = foundation.settings
    if settings.backup_dir is None:
        if not settings.demo:
            yield Finding(good=False, says="chưa đặt backup_dir: không có bản sao lưu nào")
        return
    try:
        read_backup_key(settings)
        yield Finding(good=True, says="khóa sao lưu (nửa công khai) còn đủ")
    except HomThuError as error:
        yield Finding(good=False, says=in_vietnamese(error))
    if number := misdated(settings.backup_dir, foundation.clock.today()):
        says = f"{number} tệp sao lưu quá số ngày giữ, hoặc ghi ngày chưa tới: xem đồng hồ, rồi xóa"
        yield Finding(good=False, says=says)


def in_words(length: timedelta) -> str:
    """Return a length of time in one unit, rounded down."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86_400, "ngày"), (3_600, "giờ"), (60, "phút")):
        if seconds >= size * (2 if size == 86_400 else 1):
            return f"{seconds // size} {unit}"
    return "dưới 1 phút"
