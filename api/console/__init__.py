"""The officers' web console: pages over the same calls as the JSON API."""
