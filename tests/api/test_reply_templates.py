"""Beginnings of answers: made in the console, chosen on the phone and by a unit."""

import re

from flask.testing import FlaskClient

from services import comments
from tests.api.test_console_roster import Desk
from tests.factories import World


def test_an_office_offers_one_and_a_deputy_and_a_unit_find_it(client: FlaskClient, world: World) -> None:
    clerk, unit_staff = Desk(client, world, world.staff()), world.staff("handling_unit")
    assert "还没有常用答复" in clerk.get("/console/reply-templates")
    assert "请填写" in clerk.send("/console/reply-templates", title="", text="x").get_data(as_text=True)
    clerk.done("/console/reply-templates", title="已核实", text="已到现场核实。")
    listed = client.get("/api/v1/reply-templates", headers=world.token(world.deputy()))
    assert listed.json == {"items": [{"title": "已核实", "text": "已到现场核实。"}]}

    opinion = world.opinion(world.resident())
    ctx = world.ctx_of(world.staff())
    comments.register(ctx, opinion.number)
    comments.assign(ctx, opinion.number, handler=comments.Handler(unit_id=unit_staff.unit_id))
    world.system.session.commit()
    desk = Desk(client, world, unit_staff)
    page = desk.get(f"/console/opinions/{opinion.number}")
    link = re.search(r'href="([^"]+template=\d+)', page)
    assert link is not None
    assert ">已到现场核实。</textarea>" in desk.get(link.group(1))


def test_retired_it_is_gone(client: FlaskClient, world: World) -> None:
    row = comments.reply_templates.create(world.ctx_of(world.staff()), title="已核实", text="已核实。")
    world.system.session.commit()
    clerk = Desk(client, world, world.staff())
    clerk.done(f"/console/reply-templates/{row.id}/retire")
    assert "还没有常用答复" in clerk.get("/console/reply-templates")
