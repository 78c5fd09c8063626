"""A township's meeting, for the tests of its life."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services import activities, checkin
from services.activities import Activity, ActivityForm, ActivityPerson
from services.audiences import Clause
from services.context import Actor
from services.rules.fences import Position
from tests.factories import World

INSIDE = checkin.Proof(location=Position(28.1001, 112.9001, 20))
ASKS = checkin.Proof(asks_clerk=True)
PHONE = "device-0001"


class Meeting:
    """A meeting tomorrow at nine for everybody of the township, written by its clerk."""

    def __init__(self, world: World) -> None:
        self.world, self.clerk = world, world.staff()
        starts_at = world.clock() + timedelta(days=1)
        self.form = ActivityForm(
            kind="theme", title="代表主题活动", place="镇政府三楼会议室", starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2), clauses=(Clause("region_deputies"),), latitude=28.1, longitude=112.9,
            item_code="D4")

    def draft(self, **changes: Any) -> Activity:
        return activities.create(self.world.ctx_of(self.clerk), replace(self.form, **changes))

    def publish(self, **changes: Any) -> Activity:
        return activities.publish(self.world.ctx_of(self.clerk), self.draft(**changes).id)

    def begin(self, *, minutes: int = 0) -> None:
        """To the moment it begins, or some minutes after."""
        self.world.clock.moment = self.form.starts_at + timedelta(minutes=minutes)

    def arrive(self, who: Actor, activity: Activity, proof: checkin.Proof = INSIDE, *, device: str | None = None
               ) -> ActivityPerson:
        return activities.check_in(self.world.ctx_of(who), scene=activity.scene, device_id=device or f"phone-of-{who.person_id}",
                                   proof=proof).row

    def close(self, activity: Activity) -> Activity:
        """Close it and do what happens after the commit."""
        closed = activities.close(self.world.ctx_of(self.clerk), activity.id)
        while activities.credit_some(self.world.system, activity.id, limit=2):
            pass
        return closed

    def row(self, activity: Activity, who: Actor) -> ActivityPerson:
        return self.world.system.session.get_one(ActivityPerson, (activity.id, who.person_id))
