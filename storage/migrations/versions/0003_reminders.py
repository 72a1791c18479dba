"""Reminders: nudges and their rungs, snoozes, calendar addresses, jobs in trouble

Revision: 0003
After: 0002
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("audit_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_row_subject"), ["subject"], unique=False)

    op.create_table(
        "ask_back",
        sa.Column("check_in_id", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_in_id"],
            ["check_in.id"],
        ),
        sa.PrimaryKeyConstraint("check_in_id"),
    )
    op.create_table(
        "calendar_address",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("calendar_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_address_who"), ["who"], unique=False)

    op.create_table(
        "job_trouble",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "nudge_rung",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("rung", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("leader_id", sa.LargeBinary(), nullable=False),
        sa.Column("nudge_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "rung", "leader_id"),
    )
    with op.batch_alter_table("nudge_rung", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_nudge_rung_nudge_id"), ["nudge_id"], unique=False)

    op.create_table(
        "nudge_sweep",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("swept_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "day"),
    )
    op.create_table(
        "switch",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stopped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("stopped_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "nudge",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("leader_id", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("holder", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("planned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["leader_id"],
            ["leader.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("leader_id", "day", "slot", name="uq_nudge"),
    )
    with op.batch_alter_table("nudge", schema=None) as batch_op:
        batch_op.create_index("ix_nudge_day", ["day", "state"], unique=False)
        batch_op.create_index(
            "ix_nudge_waiting", ["state", "channel", "urgency", "not_before"], unique=False
        )

    op.create_table(
        "nudge_snooze",
        sa.Column("leader_id", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["leader_id"],
            ["leader.id"],
        ),
        sa.PrimaryKeyConstraint("leader_id"),
    )
    op.create_table(
        "officer_person",
        sa.Column("officer_id", sa.LargeBinary(), nullable=False),
        sa.Column("leader_id", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["leader_id"],
            ["leader.id"],
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officer.id"],
        ),
        sa.PrimaryKeyConstraint("officer_id"),
        sa.UniqueConstraint("leader_id"),
    )
    op.create_table(
        "hindrance",
        sa.Column("obligation_id", sa.LargeBinary(), nullable=False),
        sa.Column("leader_id", sa.LargeBinary(), nullable=False),
        sa.Column("commune_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["leader_id"],
            ["leader.id"],
        ),
        sa.PrimaryKeyConstraint("obligation_id"),
    )
    with op.batch_alter_table("hindrance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hindrance_commune_id"), ["commune_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("hindrance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hindrance_commune_id"))

    op.drop_table("hindrance")
    op.drop_table("officer_person")
    op.drop_table("nudge_snooze")
    with op.batch_alter_table("nudge", schema=None) as batch_op:
        batch_op.drop_index("ix_nudge_waiting")
        batch_op.drop_index("ix_nudge_day")

    op.drop_table("nudge")
    op.drop_table("switch")
    op.drop_table("nudge_sweep")
    with op.batch_alter_table("nudge_rung", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_nudge_rung_nudge_id"))

    op.drop_table("nudge_rung")
    op.drop_table("job_trouble")
    with op.batch_alter_table("calendar_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_address_who"))

    op.drop_table("calendar_address")
    op.drop_table("ask_back")
    with op.batch_alter_table("audit_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_row_subject"))
