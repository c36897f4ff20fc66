"""Endpoints at which shops deliver, with their secrets."""
