"""The schema's history. A serving process only compares revisions; `running` changes the schema."""

HEAD = "0004"  # the revision that the code needs; a test compares it with the scripts
VERSION_TABLE = "alembic_version"
