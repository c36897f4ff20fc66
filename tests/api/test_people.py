"""Profiles, aliases and consents of a member."""

from api.conftest import Door

SAID = {"kind": "email.marketing", "granted": True, "text_version": "2026-03", "source": "checkout"}


def test_a_profile_is_kept_in_normal_form(door: Door) -> None:
    sent = {"name": "Ann", "email": " Ann@Example.COM", "data": {"size": 40}}

    answer = door.client.put("/v1/members/c-17/profile", json=sent, headers=door.key("members:write"))

    assert answer.status_code == 200
    assert answer.json()["email"] == "ann@example.com"
    assert answer.json()["member_id"].startswith("mem_")


def test_a_profile_is_read_as_it_was_kept(door: Door) -> None:
    both = door.key("members:write", "members:read")
    nothing = door.client.get("/v1/members/c-17/profile", headers=both)
    sent = {"name": "Ann", "email": "ann@example.com", "phone": None, "data": {"size": 40, "ø": [1.5, None]}}

    kept = door.client.put("/v1/members/c-17/profile", json=sent, headers=both)

    assert (nothing.status_code, nothing.json()["name"], nothing.json()["data"]) == (200, None, {})
    assert door.client.get("/v1/members/c-17/profile", headers=both).json() == kept.json()
    assert door.client.get("/v1/members/c-18/profile", headers=both).json()["email"] is None


def test_an_alias_leads_to_the_same_member(door: Door) -> None:
    both = door.key("members:write", "members:read")
    alias = {"kind": "reference", "value": "card-9"}

    answer = door.client.put("/v1/members/c-17/aliases", json=alias, headers=both)

    by_alias = door.client.get("/v1/members/card-9/consents", headers=both).json()
    by_reference = door.client.get("/v1/members/c-17/consents", headers=both).json()
    listed = door.client.get("/v1/members/c-17/aliases", headers=both).json()
    assert alias.items() <= answer.json().items()
    assert listed["aliases"] == [alias]
    assert by_alias == by_reference


def test_an_alias_of_somebody_else_is_a_conflict_that_does_not_name_them(door: Door) -> None:
    writer = door.key("members:write")
    alias = {"kind": "email", "value": "ann@example.com"}
    door.client.put("/v1/members/c-17/aliases", json=alias, headers=writer)

    answer = door.client.put("/v1/members/c-18/aliases", json=alias, headers=writer)

    assert (answer.status_code, answer.json()["code"]) == (409, "alias_taken")
    assert "c-17" not in answer.text


def test_consents_are_added_and_the_latest_word_counts(door: Door) -> None:
    both = door.key("members:write", "members:read")

    door.client.post("/v1/members/c-17/consents", json=SAID, headers=both)
    door.client.post("/v1/members/c-17/consents", json=SAID, headers=both)
    door.clock.pass_(days=1)
    answer = door.client.post("/v1/members/c-17/consents", json={**SAID, "granted": False}, headers=both)

    assert answer.status_code == 201
    assert answer.json()["current"] == {"email.marketing": False}
    assert answer.json()["recorded"]["granted"] is False
    listed = door.client.get("/v1/members/c-17/consents", headers=both).json()
    assert [one["granted"] for one in listed["history"]] == [True, False]


def test_a_time_without_offset_is_refused_and_nothing_is_recorded(door: Door) -> None:
    both = door.key("members:write", "members:read")
    said = {**SAID, "recorded_at": "2026-03-29T10:00:00"}

    answer = door.client.post("/v1/members/c-17/consents", json=said, headers=both)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_time")
    assert door.client.get("/v1/members/c-17/consents", headers=both).json()["history"] == []


def test_one_brand_never_sees_anothers_people(door: Door) -> None:
    ours = door.key("members:write", "members:read")
    theirs = door.key("members:read", brand="rival")
    member_id = door.client.post("/v1/members/c-17/consents", json=SAID, headers=ours).json()["member_id"]

    for name in ("c-17", member_id):
        assert door.client.get(f"/v1/members/{name}/consents", headers=theirs).json()["history"] == []
