"""Segment's tracking API, and RudderStack's, which speaks the same."""
