"""What the journal tells the storeys above it: announcements, in order, bucket by bucket."""
