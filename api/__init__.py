"""The officers' side: JSON API and web console over triage and disclosure."""
