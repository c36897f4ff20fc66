"""The tables of purchases and redemptions, which returns need."""
