"""Notes the ward's acts on the work side in the audit chain, in the unit of work of the act itself.

Who accepts, asks back, lets off, marks as sent, invites, hands over or lets go stands in the chain.
A leader's own acts do not: check-ins and filings keep a history of their own, and a chain that also
holds acts on tips must not tell when a leader was at their phone. For the same reason what is done
in the ward's own chat is signed by the ward and not by the leader whose chat it is
(`docs/decisions/0014`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from storage.unit_of_work import Tx


def note(  # noqa: PLR0917 - the chain's own row, from left to right
    tx: Tx,
    at: datetime,
    by: str | None,
    act: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    ward: str = "",
) -> None:
    """Add an act to the chain.

    ``by`` is an officer's id (hex); None: nobody acts, and nothing is added. "leader:<hex>" comes
    from the chat of the ward ``ward`` and is signed with its id.
    """
    if by is None:
        return
    actor = f"ward:{ward}" if by.startswith("leader:") else by.removeprefix("officer:")
    tx.audit.append(at, actor, f"work.{act}", subject, detail)
