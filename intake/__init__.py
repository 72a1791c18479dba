"""All rules: what a tip, a report and a person may do; seals and opens; knows no web, chat or SQL."""
