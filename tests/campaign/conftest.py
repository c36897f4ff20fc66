"""A judge that says no says why: what the campaign asserts is told as a test's own assertions are."""

import pytest

pytest.register_assert_rewrite("campaign")
