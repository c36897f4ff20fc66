"""Which worker delivers for which buckets."""
