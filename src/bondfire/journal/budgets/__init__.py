"""Budgets that all members share: what was used, read under a lock and written with the decisions (U7)."""
