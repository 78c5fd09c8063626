"""Activities over HTTP: the list, the replies, the check-in and what the phone shows of it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from services import activities, stations
from services.activities import Activity
from tests.api.conftest import code_of
from tests.factories import World
from tests.services.activity_case import Meeting

INSIDE = {"latitude": 28.1001, "longitude": 112.9001, "accuracy": 20}


class Phone:
    """The deputy's phone and the township's meeting."""

    def __init__(self, world: World, client: FlaskClient) -> None:
        self.world, self.client, self.meeting = world, client, Meeting(world)
        self.deputy = world.deputy()
        self.headers = world.token(self.deputy)

    def publish(self, **changes: Any) -> Activity:
        row = self.meeting.publish(**changes)
        self.world.commit()
        return row

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers)


@pytest.fixture
def phone(world: World, client: FlaskClient) -> Phone:
    return Phone(world, client)


def test_the_list_shows_what_comes_and_then_what_was(phone: Phone) -> None:
    activity = phone.publish()
    assert [row["id"] for row in phone.get("/activities").json["items"]] == [activity.id]
    assert phone.get("/activities?past=true").json["items"] == []


def test_signing_up_and_back_again(phone: Phone) -> None:
    activity = phone.publish(signs_up=True, capacity=3)
    assert phone.get(f"/activities/{activity.id}").json["may"]["sign_up"] is True
    signed = phone.post(f"/activities/{activity.id}/sign-up")
    assert (signed.json["my_state_name"], signed.json["called"]) == ("应参加", 1)
    back = phone.post(f"/activities/{activity.id}/withdrawal")
    assert (back.json["my_state"], back.json["called"]) == ("withdrawn", 0)


def test_a_leave_is_asked_with_a_reason(phone: Phone) -> None:
    activity = phone.publish()
    assert code_of(phone.post(f"/activities/{activity.id}/leave", reason=" ")) == (422, "leave_reason_length")
    asked = phone.post(f"/activities/{activity.id}/leave", reason="外出就医")
    assert (asked.json["my_state_name"], asked.json["leave_reason"]) == ("请假待批", "外出就医")


def test_the_code_at_the_door_leads_to_the_activity_and_the_scan_is_one(phone: Phone) -> None:
    activity = phone.publish(needs_check_out=True)
    phone.meeting.begin()
    found = phone.get(f"/scan-codes/{activity.short_code}").json
    assert (found["purpose"], found["activity"]["id"], found["station"]) == ("activity_check_in", activity.id, None)
    body = {"scene": found["scene"], "device_id": "device-0001", "location": INSIDE}
    first, second = phone.post("/activity-check-ins", **body), phone.post("/activity-check-ins", **body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert (first.json["my_state"], first.json["factor_name"]) == ("present", "定位核验")
    assert "28.1" not in first.get_data(as_text=True)
    phone.world.clock.advance(minutes=60)
    left = phone.post(f"/activities/{activity.id}/check-out").json
    assert (left["my_state"], left["is_early"]) == ("left", True)


def test_a_stations_code_still_leads_to_its_station(phone: Phone) -> None:
    station = phone.world.create_station()
    phone.world.commit()
    found = phone.get(f"/scan-codes/{phone.world.scene(station)}").json
    assert (found["purpose"], found["station"]["id"], found["activity"]) == ("station_check_in", station.id, None)


def test_without_proof_the_answer_says_what_to_do(phone: Phone) -> None:
    activity = phone.publish()
    phone.meeting.begin()
    refused = phone.post("/activity-check-ins", scene=activity.scene, device_id="device-0001")
    assert code_of(refused) == (422, "presence_required_there")


def test_the_month_joins_activities_and_receptions(phone: Phone) -> None:
    world = phone.world
    activity, station = phone.publish(), world.create_station()
    stations.plan_reception(world.ctx_of(world.staff("county_office")), station.id, starts_at=world.clock(),
                            ends_at=phone.meeting.form.ends_at, person_ids=[phone.deputy.person_id or 0])
    world.commit()
    lines = phone.get("/schedule?month=2026-11").json["items"]
    assert [(line["kind"], line["id"]) for line in lines][1:] == [("activity", activity.id)]
    assert phone.get("/schedule").json["items"] == lines
    assert phone.get("/schedule?month=2026-12").json["items"] == []
    assert phone.get("/schedule?month=2026-13").status_code == 422


def test_the_deputys_own_code_opens_the_door(phone: Phone) -> None:
    activity = phone.publish()
    phone.meeting.begin()
    shown = phone.get("/door-code").json
    assert shown["picture"].startswith("data:image/png;base64,")
    done, _name = activities.check_in_at_door(phone.world.ctx_of(phone.meeting.clerk), activity.id, text=shown["text"])
    assert done.row.person_id == phone.deputy.person_id
