"""The tour shows what happens today."""

import os

from stories.tour import PAGE, tour


def test_the_page_of_the_members_year_is_what_happens(database: str) -> None:
    now = tour(database)
    if os.environ.get("WRITE_TOUR"):
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(now, encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == now
