"""Rungs are kept by leader: a sweep of the country then writes them in order

Revision: 0004
After: 0003
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COLUMNS = ("subject", "rung", "leader_id", "nudge_id")


def upgrade() -> None:
    _lay_anew("leader_id", "subject", "rung", sqlite_with_rowid=False)


def downgrade() -> None:
    _lay_anew("subject", "rung", "leader_id")
    op.create_index("ix_nudge_rung_nudge_id", "nudge_rung", ["nudge_id"], unique=False)


def _lay_anew(*key: str, **options: object) -> None:
    op.rename_table("nudge_rung", "nudge_rung_before")
    op.create_table(
        "nudge_rung",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("rung", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("leader_id", sa.LargeBinary(), nullable=False),
        sa.Column("nudge_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=f"pk_nudge_rung_by_{key[0]}"),
        **options,
    )
    names = ", ".join(_COLUMNS)
    op.execute(f"INSERT INTO nudge_rung ({names}) SELECT {names} FROM nudge_rung_before")
    op.drop_table("nudge_rung_before")
