"""Re-sealing every encrypted field with the newest key."""

import base64
from dataclasses import replace

import pytest
from sqlalchemy import select

from models.base import Base
from services import identity, inbox, key_rotation, roster
from services.context import ANONYMOUS, Context
from services.field_encryption import FieldCipher, FieldKeyError
from tests.conftest import FIELD_KEYS
from tests.factories import World

NEW = f"k2:sm4gcm:{base64.b64encode(b'2' * 16).decode()}"


@pytest.fixture
def filled(world: World) -> World:
    """One value in every sealed column."""
    world.deputy()
    ctx = world.ctx_of(ANONYMOUS)
    code = identity.prepare_login_code(ctx, phone="13911110009").code
    identity.login_with_phone(ctx, phone="13911110009", code=code)
    roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x",
                   content=roster.build_sheet([["王", "13911110000", "", "乡镇", "18"]]))
    inbox.store(world.system, inbox.Arrived("k", "mini", "wx", "o", "text", None, {"Content": "你好"}))
    world.system.session.flush()
    return world


def _rotated(world: World) -> Context:
    cipher = FieldCipher.from_text(f"{NEW},{FIELD_KEYS}")
    return replace(world.system, gateways=replace(world.system.gateways, cipher=cipher))


def _sealed(ctx: Context, column: key_rotation.SealedColumn) -> list[str]:
    found = ctx.session.scalars(select(getattr(column.table, column.name))).all()
    return [value for value in found if value is not None]


def _all(ctx: Context) -> dict[str, list[str]]:
    return {f"{column.table.__tablename__}.{column.name}": _sealed(ctx, column) for column in key_rotation.SEALED}


def _open_all(ctx: Context, cipher: FieldCipher) -> list[str]:
    return [cipher.open(value, column.purpose) for column in key_rotation.SEALED for value in _sealed(ctx, column)]


def test_every_sealed_column_of_the_tables_is_rotated() -> None:
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns
               if column.name.endswith("_cipher")}
    listed = {f"{column.table.__tablename__}.{column.name}" for column in key_rotation.SEALED}
    assert columns - listed == {"idempotency_keys.body_cipher"}


def test_all_values_are_sealed_again_and_still_say_the_same(filled: World) -> None:
    ctx = _rotated(filled)
    before = _open_all(ctx, ctx.gateways.cipher)
    assert all(len(values) >= 1 for values in _all(ctx).values())
    for column in key_rotation.SEALED:
        assert key_rotation.reseal(ctx, column, limit=100) >= 1
    ctx.session.expire_all()
    assert all(value.startswith("v1.k2.") for values in _all(ctx).values() for value in values)
    assert _open_all(ctx, ctx.gateways.cipher) == before


def test_the_old_key_may_be_taken_away_afterwards_and_not_before(filled: World) -> None:
    ctx = _rotated(filled)
    only_new = FieldCipher.from_text(f"{NEW},{FIELD_KEYS.split(',')[1]}")
    with pytest.raises(FieldKeyError):
        _open_all(ctx, only_new)
    for column in key_rotation.SEALED:
        key_rotation.reseal(ctx, column, limit=100)
    ctx.session.expire_all()
    assert _open_all(ctx, only_new)


def test_a_second_run_finds_nothing_to_do(filled: World) -> None:
    ctx = _rotated(filled)
    for column in key_rotation.SEALED:
        key_rotation.reseal(ctx, column, limit=100)
    before = _all(ctx)
    assert [key_rotation.reseal(ctx, column, limit=100) for column in key_rotation.SEALED] == [0] * len(before)
    assert _all(ctx) == before


def test_the_work_goes_in_batches(filled: World) -> None:
    filled.create_person(name="李四")
    filled.create_person(name="赵六")
    ctx = _rotated(filled)
    assert [key_rotation.reseal(ctx, key_rotation.SEALED[0], limit=2) for _ in range(3)] == [2, 1, 0]


def test_a_search_by_phone_still_finds_after_a_rotation(filled: World) -> None:
    ctx = _rotated(filled)
    for column in key_rotation.SEALED:
        key_rotation.reseal(ctx, column, limit=100)
    assert ctx.gateways.cipher.index("13911110009", "phone") == filled.system.gateways.cipher.index(
        "13911110009", "phone")
