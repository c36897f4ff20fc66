"""The tables of members: states, lots, purchases and redemptions."""
