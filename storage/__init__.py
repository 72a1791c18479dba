"""Keeps rows, sealed pictures among them, on SQLite or PostgreSQL; cannot read what is sealed."""
