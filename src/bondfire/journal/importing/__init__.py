"""Histories written into the journal, by one process or by several."""
