"""The table of what was used of caps a while ago; what was used last stands in the member's state."""
