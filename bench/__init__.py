"""`make bench`: what this house does in a second, beside what the machine allows. Never shipped."""
