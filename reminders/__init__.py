"""Runs the daily housekeeping; later decides who must be nudged and sends each nudge once."""
