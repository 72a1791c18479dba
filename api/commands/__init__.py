"""Command groups of the officers' side, and what they say; heavy imports stand inside commands."""
