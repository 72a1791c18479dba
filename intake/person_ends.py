"""What ends with a person: chats and open codes of an entry, an officer's own chat, calendars.

Each is work inside somebody else's unit of work. What was filed stays.
"""

from storage.unit_of_work import Tx


def close_chats(tx: Tx, leader_id: bytes) -> None:
    """End every chat of an entry, and the codes that nobody has used."""
    for chat in tx.leaders.chats_of(leader_id):
        tx.work_dialogues.drop(chat.channel, chat.address)
    tx.leaders.drop_chats(leader_id)
    tx.leaders.drop_invites(leader_id)


def end_ways_in(tx: Tx, leader_id: bytes) -> None:
    """End every way in that an entry has: chats, unused codes, the calendar's secret address."""
    close_chats(tx, leader_id)
    tx.own_addresses.drop_calendars(f"leader:{leader_id.hex()}")


def end_leader(tx: Tx, leader_id: bytes) -> None:
    """End what an entry has: its ways in, and that it was an officer's own."""
    end_ways_in(tx, leader_id)
    tx.own_addresses.unlink_entry(leader_id)


def end_officer(tx: Tx, officer_id: bytes) -> None:
    """End what an account has: its own chat, so that nobody acts in it any more, its calendar.

    The entry stays in the ward's book, and the ward may draw a code for it again.
    """
    link = tx.own_addresses.person_of(officer_id)
    if link is not None:
        close_chats(tx, link.leader_id)
        tx.own_addresses.unlink(officer_id)
    tx.own_addresses.drop_calendars(f"officer:{officer_id.hex()}")
