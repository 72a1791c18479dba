"""Programmes and their exact calendar: what a plan asks of whom, by when; pure."""
