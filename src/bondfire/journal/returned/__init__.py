"""Returns behind a place in the journal, for whoever has to hear of them."""
