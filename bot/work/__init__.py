"""The conversation with leaders: its engine, beside the dialogue with residents."""
