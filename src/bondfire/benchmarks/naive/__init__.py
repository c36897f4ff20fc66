"""The yardstick: the same programme written with an ORM, one transaction an event."""
