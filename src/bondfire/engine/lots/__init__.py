"""The table of lots."""
