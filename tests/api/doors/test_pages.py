"""What a web page needs: settings, and leave of its browser to call."""

import pytest

from api.conftest import Door
from api.doors.conftest import token_of


def test_a_browser_is_told_where_to_send(quizzes: Door) -> None:
    token = token_of(quizzes.key("events:browser"))

    answer = quizzes.client.get(f"/v1/projects/{token}/settings", headers={"Origin": "https://cafe.example"})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json() == {
        "integrations": {
            "Segment.io": {
                "apiKey": token,
                "apiHost": "testserver/v1",
                "protocol": "http",
                "addBundledMetadata": True,
                "type": "browser",
            }
        },
        "plan": {},
    }
    assert quizzes.client.get("/v1/projects/nobody/settings").status_code == 401


@pytest.mark.parametrize("path", ["t", "i", "p", "s", "g", "a", "b", "track", "batch", "import"])
def test_a_page_of_any_origin_may_call_segments_routes(quizzes: Door, path: str) -> None:
    asked = {
        "Origin": "https://cafe.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-retry-count",
    }

    answer = quizzes.client.options(f"/v1/{path}", headers=asked)
    refused = quizzes.client.post(f"/v1/{path}", json={}, headers={"Origin": "https://cafe.example"})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert refused.status_code in (400, 401)
    assert refused.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/v1/events", "/v1/members/c-17", "/v1/rejects", "/v1/webhooks/shopify/x"])
def test_no_other_route_is_open_to_pages(quizzes: Door, path: str) -> None:
    asked = {"Origin": "https://cafe.example", "Access-Control-Request-Method": "POST"}

    assert "access-control-allow-origin" not in quizzes.client.options(path, headers=asked).headers
    assert "access-control-allow-origin" not in quizzes.client.post(path, headers=asked).headers
