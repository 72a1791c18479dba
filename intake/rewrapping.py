"""Open tips follow their unit's key: what an ended one opens is wrapped to the current one.

A leaver, a new epoch and a new suite all come here, through `epochs` and `handover`, which judge
whose right it is. A content key is opened with what the session was granted, inside
``disclosure.UnitKeys``, and sealed again; texts and pictures are not touched.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from intake.disclosure import Disclosure, UnitKeys
from intake.keylist import REWRAP, KeyList
from intake.officers import Session
from intake.service import Intake
from intake.vault import sealing
from intake.vault.key_pairs import PublicKey
from storage.errors import Duplicate
from storage.unit_of_work import Tx

_LIST_SETTLES = timedelta(minutes=2)  # by then every process has read the new key list
_BATCH = 200


class Rewrapping:
    """Wraps open tips to a unit's current key, inside one officer's session."""

    def __init__(self, intake: Intake, key_list: KeyList, disclosure: Disclosure) -> None:
        self._intake = intake
        self._key_list = key_list
        self._disclosure = disclosure

    def rewrap(self, session: Session, unit_id: str) -> int:
        """Wrap what open tips have for a unit's ended keys to its current one; count the parts.

        These are the unit's own tips and, for an upper unit, those of the units below, which it
        reads too. Serves a leaver and a new epoch alike. Wraps of ended keys are dropped; what
        was read or backed up before is not undone by this.
        """
        keys = self._disclosure.keys(session)
        current = self._key_list.current.key_of(unit_id)
        self._disclosure.note(session, "key.rewrap", unit_id)
        stale = self._ended(unit_id)
        done = 0
        for part_ids in self._open_parts(stale):
            done += self._rewrap_parts(keys, part_ids, current, stale)
        return done

    def finish_rewrap(self, session: Session, unit_id: str) -> None:
        """Go on with a re-wrapping that was cut short, or missed what was sealed meanwhile.

        It stays due until every process has read the new list and nothing old is left to wrap.
        """
        signed_at = self._fact(f"{REWRAP}{unit_id}")
        if signed_at is None:
            return
        with suppress(Duplicate):  # a colleague does the same at this moment
            self.rewrap(session, unit_id)
        since = self._intake.clock.now() - datetime.fromisoformat(signed_at)
        if since > _LIST_SETTLES and not any(self._open_parts(self._ended(unit_id))):
            self._intake.write_now(lambda tx: _drop_if_same(tx, f"{REWRAP}{unit_id}", signed_at))

    def reseal(self, session: Session, unit_id: str) -> int:
        """Wrap open tips' content keys afresh, under the current suite; return how many parts."""
        keys, current = self._disclosure.keys(session), self._key_list.current.key_of(unit_id)
        self._disclosure.note(session, "key.reseal", unit_id)
        done = 0
        for part_ids in self._open_parts([current.key_id]):
            done += self._rewrap_parts(keys, part_ids, current, [current.key_id])
        return done

    def _fact(self, name: str) -> str | None:
        with self._intake.read() as view:
            return view.keys.fact(name)

    def _ended(self, unit_id: str) -> list[bytes]:
        current = self._key_list.current.key_of(unit_id).key_id
        with self._intake.read() as view:
            return [k.key_id for k in view.keys.unit_keys(unit_id) if k.key_id != current]

    def _open_parts(self, key_ids: list[bytes]) -> Iterator[list[bytes]]:
        with self._intake.read() as view:
            found = view.parts.open_parts_with(key_ids) if key_ids else []
        for start in range(0, len(found), _BATCH):
            yield found[start : start + _BATCH]

    def _rewrap_parts(
        self, keys: UnitKeys, part_ids: list[bytes], current: PublicKey, drop: list[bytes]
    ) -> int:
        with self._intake.read() as view:
            wraps = view.parts.wraps(part_ids, keys.key_ids)
        by_part: dict[bytes, list[bytes]] = {}
        fresh: list[tuple[bytes, bytes, bytes]] = []
        for wrap in wraps:
            if wrap.part_id in by_part:
                continue
            by_part[wrap.part_id] = []
            content_key = keys.content_key(wrap.part_id, [wrap])
            fresh.append((wrap.part_id, *sealing.wrap_key(content_key, wrap.part_id, current)))
        self._intake.write_now(lambda tx: tx.parts.rewrap(drop, fresh))
        return len(fresh)


def _drop_if_same(tx: Tx, name: str, value: str) -> None:
    if tx.keys.fact(name) == value:
        tx.keys.drop_fact(name)
