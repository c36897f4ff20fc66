"""Accounts that became part of another one: who is found in their place, and what is kept of the person."""
