"""The journal's tables: heads of buckets, events with their decisions, entries and announcements."""
