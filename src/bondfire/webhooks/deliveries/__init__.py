"""Deliveries that go out, one announcement for one endpoint each: what waits, was sent, was answered."""
