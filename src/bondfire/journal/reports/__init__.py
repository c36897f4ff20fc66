"""Reports over all buckets of a brand; for people and jobs, never for a decision."""
