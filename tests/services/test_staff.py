"""Staff sign-in: password, one-time code, lockout, sessions, and the administrator's list."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from models.audit import AuditRow
from models.identity import LoginSession, Staff
from services import audit, staff
from services.context import ANONYMOUS, SYSTEM, Actor
from services.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from tests.factories import PASSWORD, TOTP_SECRET, World


def _code(world: World, *, steps: int = 0) -> str:
    return pyotp.TOTP(TOTP_SECRET).at(world.clock(), counter_offset=steps)


def _half(world: World, password: str = PASSWORD) -> Actor:
    """The staff after the first factor."""
    issued = staff.sign_in(world.ctx_of(ANONYMOUS), login="clerk", password=password)
    return staff.resolve_console_token(world.system.session, issued.token, world.clock())[0]


def test_password_and_code_open_the_console_with_role_and_region(world: World) -> None:
    world.staff(login="clerk")
    issued = staff.confirm_second_factor(world.ctx_of(_half(world)), code=_code(world))
    actor, done = staff.resolve_console_token(world.system.session, issued.token, world.clock())
    assert (done, actor.role, actor.region_path) == (True, "township_clerk", world.township.path)


def test_the_password_alone_opens_half_a_session_of_five_minutes(world: World) -> None:
    world.staff(login="clerk")
    issued = staff.sign_in(world.ctx_of(ANONYMOUS), login=" clerk ", password=PASSWORD)
    assert staff.resolve_console_token(world.system.session, issued.token, world.clock())[1] is False
    with pytest.raises(Unauthenticated, match="session_expired"):
        staff.resolve_console_token(world.system.session, issued.token, world.clock() + timedelta(minutes=5))


def test_the_second_factor_replaces_the_first_token(world: World) -> None:
    world.staff(login="clerk")
    first = staff.sign_in(world.ctx_of(ANONYMOUS), login="clerk", password=PASSWORD)
    actor, _ = staff.resolve_console_token(world.system.session, first.token, world.clock())
    staff.confirm_second_factor(world.ctx_of(actor), code=_code(world))
    with pytest.raises(Unauthenticated):
        staff.resolve_console_token(world.system.session, first.token, world.clock())


@pytest.mark.parametrize(("login", "password"), [("clerk", "a-wrong-password"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_sound_alike(world: World, login: str, password: str) -> None:
    world.staff(login="clerk")
    with pytest.raises(Unauthenticated, match="sign_in_failed"):
        staff.sign_in(world.ctx_of(ANONYMOUS), login=login, password=password)


@pytest.mark.parametrize(("steps", "works"), [(0, True), (-1, True), (1, True), (-2, False), (2, False)])
def test_a_code_of_a_neighbouring_half_minute_is_taken_and_no_other(world: World, steps: int, works: bool) -> None:
    world.staff(login="clerk")
    ctx = world.ctx_of(_half(world))
    if works:
        assert staff.confirm_second_factor(ctx, code=f" {_code(world, steps=steps)} ").token
    else:
        with pytest.raises(Unauthenticated, match="sign_in_failed"):
            staff.confirm_second_factor(ctx, code=_code(world, steps=steps))


def test_a_code_that_was_used_never_works_again(world: World) -> None:
    world.staff(login="clerk")
    code = _code(world)
    staff.confirm_second_factor(world.ctx_of(_half(world)), code=code)
    with pytest.raises(Unauthenticated, match="sign_in_failed"):
        staff.confirm_second_factor(world.ctx_of(_half(world)), code=code)


def test_the_code_before_a_used_one_does_not_work_either(world: World) -> None:
    world.staff(login="clerk")
    staff.confirm_second_factor(world.ctx_of(_half(world)), code=_code(world))
    with pytest.raises(Unauthenticated, match="sign_in_failed"):
        staff.confirm_second_factor(world.ctx_of(_half(world)), code=_code(world, steps=-1))


def _fail(world: World, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Unauthenticated, match="sign_in_failed") as refused:
            staff.sign_in(world.ctx_of(ANONYMOUS), login="clerk", password="a-wrong-password")
        assert refused.value.keeps_changes


def test_four_wrong_passwords_leave_the_door_open(world: World) -> None:
    world.staff(login="clerk")
    _fail(world, 4)
    assert _half(world).staff_id is not None


def test_five_wrong_passwords_lock_for_fifteen_minutes_also_for_the_right_one(world: World) -> None:
    world.staff(login="clerk")
    _fail(world, 5)
    with pytest.raises(Unauthenticated, match="sign_in_locked") as refused:
        _half(world)
    assert "09:15" in refused.value.message
    world.clock.advance(minutes=14, seconds=59)
    with pytest.raises(Unauthenticated, match="sign_in_locked"):
        _half(world)
    world.clock.advance(seconds=1)
    assert _half(world).staff_id is not None
    audit.seal(world.system)
    assert "staff.locked" in world.system.session.scalars(select(AuditRow.action)).all()


def test_wrong_one_time_codes_lock_as_well(world: World) -> None:
    world.staff(login="clerk")
    actor = _half(world)
    for _ in range(5):
        with pytest.raises(Unauthenticated, match="sign_in_failed"):
            staff.confirm_second_factor(world.ctx_of(actor), code="not-it")
    with pytest.raises(Unauthenticated, match="sign_in_locked"):
        staff.confirm_second_factor(world.ctx_of(actor), code=_code(world))


def test_a_complete_sign_in_forgets_earlier_failures(world: World) -> None:
    world.staff(login="clerk")
    _fail(world, 4)
    staff.confirm_second_factor(world.ctx_of(_half(world)), code=_code(world))
    _fail(world, 4)
    assert _half(world).staff_id is not None


def test_a_console_session_ends_after_ten_hours(world: World) -> None:
    world.staff(login="clerk")
    issued = staff.confirm_second_factor(world.ctx_of(_half(world)), code=_code(world))
    session = world.system.session
    assert staff.resolve_console_token(session, issued.token, world.clock() + timedelta(hours=9, minutes=59))
    with pytest.raises(Unauthenticated, match="session_expired"):
        staff.resolve_console_token(session, issued.token, world.clock() + timedelta(hours=10))


def test_signing_out_ends_the_session(world: World) -> None:
    world.staff(login="clerk")
    issued = staff.confirm_second_factor(world.ctx_of(_half(world)), code=_code(world))
    actor, _ = staff.resolve_console_token(world.system.session, issued.token, world.clock())
    staff.sign_out(world.ctx_of(actor))
    with pytest.raises(Unauthenticated):
        staff.resolve_console_token(world.system.session, issued.token, world.clock())


# --- making staff -----------------------------------------------------------------------------------


def _create(world: World, actor: Actor = SYSTEM, **changes: object) -> Staff:
    values: dict[str, object] = {"login": "new-clerk", "name": "新专干", "role": "township_clerk",
                                 "region": world.township, "password": PASSWORD}
    return staff.create_staff(world.ctx_of(actor), **(values | changes))[0]  # type: ignore[arg-type]


def test_a_new_member_of_staff_gets_a_hashed_password_and_a_sealed_secret(world: World) -> None:
    row, secret = staff.create_staff(world.system, login="new", name="新", role="auditor", region=world.county,
                                     password=PASSWORD)
    assert PASSWORD not in row.password_hash
    assert secret not in row.totp_cipher


@pytest.mark.parametrize(("changes", "error", "code"), [
    ({"role": "emperor"}, Invalid, "field_not_a_choice"),
    ({"role": "handling_unit"}, Invalid, "field_not_a_choice"),
    ({"password": "too-short"}, Invalid, "field_too_short"),
    ({"login": "clerk"}, Conflict, "field_invalid")])
def test_a_wrong_form_of_staff_is_refused(
        world: World, changes: dict[str, object], error: type[Exception], code: str) -> None:
    world.staff(login="clerk")
    with pytest.raises(error, match=code):
        _create(world, **changes)


def test_only_the_handling_unit_has_a_unit(world: World) -> None:
    assert _create(world, role="handling_unit", unit=world.unit()).unit_id == world.unit().id
    with pytest.raises(Invalid, match="field_not_a_choice"):
        _create(world, login="other", unit=world.unit())


def test_only_the_administrator_makes_staff(world: World) -> None:
    assert _create(world, world.staff("admin")).id
    for role in ("township_clerk", "township_chair", "county_office", "auditor", "handling_unit"):
        with pytest.raises(Forbidden):
            _create(world, world.staff(role), login=f"by-{role}")


def test_the_list_finds_by_name_and_login_within_the_region(world: World) -> None:
    admin = world.ctx_of(world.staff("admin", login="the-admin"))
    world.staff(login="clerk-one")
    assert [line.staff.login for line in staff.list_staff(admin, search="clerk-o")[0]] == ["clerk-one"]
    assert staff.list_staff(admin, search="周专干")[1] == 2
    local = world.staff("admin", region=world.other_township, login="other-admin")
    assert [line.staff.login for line in staff.list_staff(world.ctx_of(local))[0]] == ["other-admin"]


def test_somebody_put_out_is_out_at_once(world: World) -> None:
    clerk = world.staff(login="clerk")
    issued = staff.confirm_second_factor(world.ctx_of(_half(world)), code=_code(world))
    admin = world.ctx_of(world.staff("admin"))
    assert clerk.staff_id is not None
    staff.set_active(admin, clerk.staff_id, is_active=False)
    with pytest.raises(Unauthenticated):
        staff.resolve_console_token(world.system.session, issued.token, world.clock())
    with pytest.raises(Unauthenticated, match="sign_in_failed"):
        _half(world)
    staff.set_active(admin, clerk.staff_id, is_active=True)
    assert _half(world).staff_id == clerk.staff_id


def test_nobody_shuts_the_door_on_themselves(world: World) -> None:
    admin = world.staff("admin")
    assert admin.staff_id is not None
    with pytest.raises(Forbidden):
        staff.set_active(world.ctx_of(admin), admin.staff_id, is_active=False)


def test_staff_of_another_region_are_out_of_reach(world: World) -> None:
    clerk = world.staff()
    assert clerk.staff_id is not None
    with pytest.raises(NotFound):
        staff.set_active(world.ctx_of(world.staff("admin", region=world.other_township)), clerk.staff_id,
                         is_active=False)


def test_a_console_token_is_stored_only_as_its_digest(world: World) -> None:
    world.staff(login="clerk")
    issued = staff.sign_in(world.ctx_of(ANONYMOUS), login="clerk", password=PASSWORD)
    assert issued.token not in world.system.session.scalars(select(LoginSession.token_digest)).all()


def test_a_reset_gives_a_new_secret_ends_sessions_and_lifts_a_lock(world: World) -> None:
    admin, clerk = world.staff("admin"), world.staff()
    cookie = world.console_cookie(clerk)
    row, secret = staff.reset_credentials(world.ctx_of(admin), clerk.staff_id or 0, password="another-long-one")
    assert secret != TOTP_SECRET
    assert row.locked_until is None
    with pytest.raises(Unauthenticated, match="session_expired"):
        staff.resolve_console_token(world.system.session, cookie, world.clock())
    assert staff.sign_in(world.ctx_of(ANONYMOUS), login=row.login, password="another-long-one").token


def test_nobody_resets_their_own_credentials(world: World) -> None:
    admin = world.staff("admin")
    with pytest.raises(Forbidden):
        staff.reset_credentials(world.ctx_of(admin), admin.staff_id or 0, password="another-long-one")


def test_a_unit_is_made_once_in_its_region(world: World) -> None:
    admin = world.staff("admin")
    staff.create_unit(world.ctx_of(admin), region=world.township, name="青石镇城建办")
    with pytest.raises(Conflict, match="unit_name_taken"):
        staff.create_unit(world.ctx_of(admin), region=world.township, name=" 青石镇城建办 ")
    assert staff.create_unit(world.ctx_of(admin), region=world.other_township, name="青石镇城建办").id


@pytest.mark.parametrize("name", ["", "   ", "长" * 61])
def test_a_unit_needs_a_name_of_sensible_length(world: World, name: str) -> None:
    with pytest.raises(Invalid, match="invalid_input"):
        staff.create_unit(world.ctx_of(world.staff("admin")), region=world.township, name=name)
