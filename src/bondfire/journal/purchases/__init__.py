"""The tables of purchases that something came back of, of redemptions, and of returns that wait."""
