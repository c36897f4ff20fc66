"""Whose the orders of shops are."""
