"""Alembic's way in: it works on the connection that the caller has begun a transaction on."""

from alembic import context
from sqlmodel import SQLModel

from storage import nudge_tables, tables, work_tables
from storage.migrations import VERSION_TABLE

assert tables  # importing them declares the tables
assert work_tables
assert nudge_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
