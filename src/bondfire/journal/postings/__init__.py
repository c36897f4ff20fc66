"""The entries of all members as accountants read them: posted when, earned when, of what value."""
