"""Who hears what: endpoints with their secrets and health, and how far each has heard the journal."""
