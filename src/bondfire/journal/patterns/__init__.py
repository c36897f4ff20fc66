"""What members and staff did in a time, counted, for who looks for what is unusual."""
