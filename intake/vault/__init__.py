"""Keys, envelopes and the rooms that open; opening.py has one importer."""
