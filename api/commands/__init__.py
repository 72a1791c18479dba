"""Command groups of the officers' side; each file holds one typer app, heavy imports inside."""
