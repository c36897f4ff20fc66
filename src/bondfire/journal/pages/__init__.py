"""Pages of what a member holds and did: each costs what it shows, however much there is (L20)."""
