"""What came in and could not be an event, kept until somebody has seen to it."""
