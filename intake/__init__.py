"""All rules: what a tip and a person may do; seals and opens; knows no web, no chat, no SQL."""
