"""What is stored of one bucket, whole, and how far an interrupted replay has come."""
