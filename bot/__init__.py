"""Talks with people: turns messages into intake calls and answers into messages."""
