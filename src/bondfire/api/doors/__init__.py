"""The routes of the incoming doors: Segment's calls, CloudEvents, shops' webhooks, and what was rejected."""
