"""What members scored on leaderboards, period by period; it follows from the journal."""
