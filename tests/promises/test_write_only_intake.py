"""Write-only intake: what the process that faces strangers holds opens nothing that it stored.

Every secret of that process is tried on every sealed value that it has written, in every way that
the vault knows; and the rooms that open are not even loaded there.
"""

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlmodel import SQLModel

from intake.foundation import ROOT_PUBLIC, SALT, SESSION
from intake.parts import Body, encode
from intake.vault import opening, sealing
from intake.vault.envelope import NotOpened
from tests.wards import Ward

HELD = (SALT, SESSION, ROOT_PUBLIC)


def stored_values(ward: Ward) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield part id, key id (or empty) and every sealed value of every tip, as the thief finds it."""
    tables = SQLModel.metadata.tables
    with ward.intake.read() as view:
        for row in view.connection.execute(tables["tip"].select()).mappings():
            yield row["id"], b"", row["headline_sealed"]
            yield row["id"], b"", row["identity_sealed"]
        for row in view.connection.execute(tables["part"].select()).mappings():
            yield row["id"], b"", row["body_sealed"]
        for row in view.connection.execute(tables["wrap"].select()).mappings():
            yield row["part_id"], row["key_id"], row["wrap_sealed"]


def secrets_of_the_bot(ward: Ward) -> list[bytes]:
    """Return every 32 bytes that stand in the bot's key files."""
    found: list[bytes] = []
    for name in HELD:
        text = ward.settings.key_file(name).read_text("ascii")
        pieces = [text.strip()]
        if text.startswith(("{", "[")):
            pieces = [str(value) for value in _leaves(json.loads(text))]
        for piece in pieces:
            try:
                raw = bytes.fromhex(piece)
            except ValueError:
                continue
            if len(raw) == 32:
                found.append(raw)
    return found


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def send_with_a_picture(ward: Ward) -> None:
    """Store a named tip with a picture, as the dialogue does."""
    from intake.drafts import KeptPhoto
    from intake.vault.envelope import new_seed
    from storage.drafts import PhotoRow

    photo_id, key = bytes(range(16)), new_seed()
    body = sealing.seal_body(key, photo_id, encode(Body(kind="photo"), b"JPEG"))
    until = ward.clock.now().replace(year=2030)
    row = PhotoRow(photo_id, bytes(32), body, until)
    ward.intake.write_now(lambda tx: tx.drafts.add_photo(row))
    kept = KeptPhoto(id=photo_id.hex(), key=key.hex())
    ward.send(what="bán ma tuý", contact="Nguyễn Văn Mẫu", photos=(kept,))


def test_no_secret_of_the_bot_opens_a_tip_a_picture_or_an_identity(ward: Ward) -> None:
    send_with_a_picture(ward)
    secrets, values = secrets_of_the_bot(ward), list(stored_values(ward))
    assert len(secrets) >= 3
    assert len(values) >= 8
    for secret, (part_id, _, sealed) in itertools.product(secrets, values):
        attempts = (
            (opening.open_wrap, (secret, sealed, part_id)),
            (opening.open_body, (secret, part_id, sealed)),
            (opening.open_headline, (secret, part_id, sealed)),
            (opening.remove_gate, (secret, part_id, sealed)),
            (opening.open_identity, (secret, part_id, sealed)),
        )
        for attempt, arguments in attempts:
            with pytest.raises(NotOpened):
                attempt(*arguments)


def test_the_check_itself_can_fail(ward: Ward) -> None:
    """With the unit's own key the same attempts do open: the test above is not blind."""
    send_with_a_picture(ward)
    officer = ward.sign_in("phuong.chi")
    row = ward.services.triage.queue(officer).rows[0]
    view = ward.services.disclosure.open_tip(officer, row.id)
    photo = view.messages[0].photo_ids[0]
    assert ward.services.disclosure.photo(officer, row.id, photo) == b"JPEG"


@pytest.mark.parametrize("module", ["bot.serve", "reminders.serve"])
def test_the_rooms_that_open_are_not_even_loaded_there(module: str) -> None:
    program = (
        f"import sys, {module}\n"
        "print([name for name in ('intake.vault.opening', 'intake.disclosure', 'api.demo_ward',"
        " 'bot.channels.demo') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
