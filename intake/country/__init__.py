"""Areas and organisations: how they come in, change, merge and are found; the country's table."""
