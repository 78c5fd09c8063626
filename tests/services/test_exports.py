"""A copy of one's own data: all of it, and nobody else's."""

import io
import json
import zipfile

import pytest
from sqlalchemy import select

from models.deputies import Mandate
from models.identity import Account
from services import assistant, checkin, comments, duties, exports, handovers, identity, media, notice_reading
from services.context import Actor
from services.errors import Unauthenticated
from services.rules.fences import Position
from tests.factories import World
from tests.services.project_case import ProjectCase
from tests.services.reachable import allow, send_one
from tests.services.suggestion_case import SuggestionCase

PHONE = "13911110009"


def archive(world: World, actor: Actor) -> zipfile.ZipFile:
    file = io.BytesIO()
    exports.write_archive(world.ctx_of(actor), file)
    return zipfile.ZipFile(file)


def told(world: World, actor: Actor) -> dict[str, list[list[str]]]:
    """Title → rows, as the JSON of the archive has them."""
    found = json.loads(archive(world, actor).read("我的信息.json"))
    return {section["title"]: section["rows"] for section in found["sections"]}


def resident(world: World) -> Actor:
    actor = world.resident(openid="o-1")
    row = world.system.session.get_one(Account, actor.account_id)
    cipher = world.system.gateways.cipher
    row.name, row.phone_cipher, row.phone_index = "张三", cipher.seal(PHONE, identity.PHONE), cipher.index(PHONE, identity.PHONE)
    return actor


def answered(world: World, actor: Actor, deputy: Actor, **changes: object) -> str:
    clerk, opinion = world.ctx_of(world.staff()), world.opinion(actor, **changes)
    comments.register(clerk, opinion.number)
    comments.assign(clerk, opinion.number, handler=comments.Handler(person_id=deputy.person_id))
    comments.answer_as_deputy(world.ctx_of(deputy), opinion.number, text="已修好，电工电话13888889999。")
    comments.rate(world.ctx_of(actor), opinion.number, grade="satisfied", comment="谢谢")
    return opinion.number


def test_a_resident_gets_account_matters_talks_and_permissions(world: World) -> None:
    actor = resident(world)
    number = answered(world, actor, world.deputy())
    assistant.answer(world.ctx_of(actor), text="转人工", channel="chat")
    handovers.open_hand_over(world.ctx_of(actor), question="请回电")
    allow(world, "o-1", "tmpl-opinion")
    found = told(world, actor)
    assert dict(found["账号"])["手机号"] == PHONE
    assert dict(found["账号"])["所在村（社区）"] == "石桥村"
    assert found["微信绑定"][0][:2] == ["小程序", "o-1"]
    assert found["我提的意见"][0][0] == number
    assert found["我的评价"][0][2:5] == ["满意", "", "谢谢"]
    assert [row[1] for row in found["我对代表助手说的话"]] == ["转人工"]
    assert found["转人工的咨询"][0][1] == "请回电"
    assert found["订阅消息"][0][:2] == ["意见进度", "1"]


def test_no_other_person_is_in_the_copy(world: World) -> None:
    actor, deputy = resident(world), world.deputy(name="刘代表")
    other = world.resident(openid="o-2")
    other_number = answered(world, other, deputy, text="别人的事")
    answered(world, actor, deputy)
    whole = archive(world, actor)
    text = "".join(whole.read(name).decode() for name in ("我的信息.html", "我的信息.json"))
    assert "已修好" in text
    for foreign in ("刘代表", "周专干", other_number, "别人的事", "o-2", "13888889999"):
        assert foreign not in text, foreign


def test_a_deputys_copy_has_the_own_file_and_not_the_matters_of_others(world: World) -> None:
    deputy, author = world.deputy(openid="o-1"), world.resident()
    number = answered(world, author, deputy, text="别人的事")
    scene = world.scene(world.create_station(deputies=(deputy,)))
    visit = checkin.check_in(world.ctx_of(deputy), scene=scene, device_id="device-0001",
                             proof=checkin.Proof(location=Position(28.1, 112.9, 10))).visit
    world.clock.advance(hours=2)
    checkin.check_out(world.ctx_of(deputy), visit.id)
    photo = media.take_photo(world.ctx_of(deputy), content=world.photo_bytes(), purpose="duty").id
    duties.report(world.ctx_of(deputy), duties.DutyReport("C2", world.system.today, "走访", "五户", (photo,)),
                  idempotency="k")
    found = told(world, deputy)
    assert dict(found["代表名册"])["姓名"] == "王建国"
    assert found["任职"][0][:3] == ["青石镇第18届人民代表大会", "第1选区", "18-001"]
    assert found["签到"][0][0] == "青石镇人大代表工作站"
    assert {row[3] for row in found["履职"]} == {"到青石镇人大代表工作站接待群众", "走访"}
    assert found["积分"][0][2] == "+2"
    assert len(found["签到手机"]) == 1
    assert f"照片/{photo}.jpg" in archive(world, deputy).namelist()
    whole = json.dumps(found, ensure_ascii=False)
    assert number not in whole
    assert "别人的事" not in whole


def test_a_deputys_own_reason_for_leave_is_in_the_copy(world: World) -> None:
    deputy = world.deputy()
    notice = send_one(world)
    notice_reading.ask_leave(world.ctx_of(deputy), notice.id, reason="要去县里开会")
    assert told(world, deputy)["通知签收"][0][-1] == "要去县里开会"


def test_ideas_for_projects_are_in_the_copy_of_their_author(world: World) -> None:
    case, resident = ProjectCase(world, deputies=1), world.resident()
    case.call()
    number = case.idea(resident).number
    assert [row[:2] for row in told(world, resident)["我的民生实事建议"]] == [[number, "修路"]]
    assert "我的民生实事建议" not in told(world, case.deputies[0])


def test_suggestions_are_in_the_copy_of_their_lead_proposer(world: World) -> None:
    case = SuggestionCase(world)
    case.to("submitted")
    assert "领衔提出的代表建议" in told(world, case.lead)


def test_a_deputy_whose_mandate_ended_still_gets_the_own_file(world: World) -> None:
    deputy = world.deputy()
    world.system.session.scalars(select(Mandate)).one().state = "ended"
    world.system.session.flush()
    assert told(world, deputy)["任职"][0][3] == "已终止"


def test_photos_come_along_and_loose_ones_do_not(world: World) -> None:
    actor = world.resident()
    taken = [media.take_photo(world.ctx_of(actor), content=world.photo_bytes(), purpose="opinion").id for _ in range(2)]
    world.opinion(actor, photo_ids=(taken[0],))
    names = archive(world, actor).namelist()
    assert [name for name in names if name.startswith("照片/")] == [f"照片/{taken[0]}.jpg"]
    assert told(world, actor)["我提的意见"][0][-1] == f"照片/{taken[0]}.jpg"


def test_what_was_written_cannot_become_a_script(world: World) -> None:
    actor = world.resident()
    world.opinion(actor, text="<script>alert(1)</script>")
    page = archive(world, actor).read("我的信息.html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_new_person_gets_a_copy_without_empty_tables(world: World) -> None:
    assert set(told(world, world._account())) == {"账号"}


def test_only_an_account_has_a_copy(world: World) -> None:
    with pytest.raises(Unauthenticated):
        exports.build_sections(world.ctx_of(world.staff()))
