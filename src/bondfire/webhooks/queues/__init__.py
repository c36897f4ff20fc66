"""Whose turn it is: the order of a member's deliveries before each endpoint."""
