"""One module a channel; base.py is the port."""
