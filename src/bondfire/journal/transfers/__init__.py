"""What members send each other, carried from the journal of one bucket into that of another."""
