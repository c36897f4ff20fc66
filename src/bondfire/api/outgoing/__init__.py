"""Outgoing webhooks: who hears what was decided, what was sent to them, and sending it again."""
