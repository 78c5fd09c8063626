"""Sealed fields and the blind index."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.field_encryption import FieldCipher, FieldKeyError


def _key(byte: bytes, size: int) -> str:
    return base64.b64encode(byte * size).decode()


INDEX = f"index:hmacsha256:{_key(b'i', 32)}"
AES = f"k1:aes256gcm:{_key(b'1', 32)}"
SM4 = f"k2:sm4gcm:{_key(b'2', 16)}"
BOTH = [f"{AES},{INDEX}", f"{SM4},{INDEX}"]


@pytest.mark.parametrize("keys", BOTH)
@given(plain=st.text(max_size=200))
def test_what_was_sealed_opens_again(keys: str, plain: str) -> None:
    cipher = FieldCipher.from_text(keys)
    assert cipher.open(cipher.seal(plain, "phone"), "phone") == plain


@pytest.mark.parametrize("keys", BOTH)
def test_the_same_value_is_never_sealed_alike_and_never_readable(keys: str) -> None:
    cipher = FieldCipher.from_text(keys)
    first, second = cipher.seal("13800001234", "phone"), cipher.seal("13800001234", "phone")
    assert first != second
    assert "13800001234" not in first


@pytest.mark.parametrize("keys", BOTH)
def test_a_value_moved_to_another_column_does_not_open(keys: str) -> None:
    cipher = FieldCipher.from_text(keys)
    with pytest.raises(FieldKeyError):
        cipher.open(cipher.seal("13800001234", "phone"), "staff.totp")


@pytest.mark.parametrize("keys", BOTH)
def test_no_changed_byte_goes_unnoticed(keys: str) -> None:
    cipher = FieldCipher.from_text(keys)
    version, key_id, encoded = cipher.seal("13800001234", "phone").split(".")
    raw = bytearray(base64.urlsafe_b64decode(encoded))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises(FieldKeyError):
            cipher.open(f"{version}.{key_id}.{base64.urlsafe_b64encode(bytes(changed)).decode()}", "phone")


@pytest.mark.parametrize("sealed", [
    "", "v1", "v1.k1", "v1.k1.", "v1.k1.AAAA", "v1.k9.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "v1.k1.*", "v1.k1.é",
    "v1.k1.a.b", "13800001234", "v2.k1." + "A" * 56])
@pytest.mark.parametrize("keys", [f"{AES},{INDEX}", f"{SM4.replace('k2', 'k1')},{INDEX}"])
def test_a_malformed_or_foreign_value_is_refused_without_quoting_it(keys: str, sealed: str) -> None:
    with pytest.raises(FieldKeyError) as refused:
        FieldCipher.from_text(keys).open(sealed, "phone")
    assert not sealed or sealed not in str(refused.value)


def test_an_old_version_is_refused() -> None:
    cipher = FieldCipher.from_text(BOTH[0])
    with pytest.raises(FieldKeyError):
        cipher.open("v0" + cipher.seal("x", "phone")[2:], "phone")


def test_after_a_rotation_the_old_value_opens_and_the_new_key_seals() -> None:
    old = FieldCipher.from_text(f"{AES},{INDEX}")
    both = FieldCipher.from_text(f"{SM4},{AES},{INDEX}")
    sealed = old.seal("13800001234", "phone")
    assert both.open(sealed, "phone") == "13800001234"
    assert both.current_key_id == "k2"
    assert not both.uses_current_key(sealed)
    assert both.uses_current_key(both.seal("x", "phone"))


def test_a_key_that_was_taken_away_opens_nothing() -> None:
    sealed = FieldCipher.from_text(f"{AES},{INDEX}").seal("x", "phone")
    with pytest.raises(FieldKeyError):
        FieldCipher.from_text(f"{SM4},{INDEX}").open(sealed, "phone")


def test_equal_values_of_one_purpose_have_equal_indexes_whatever_key_seals() -> None:
    one, other = (FieldCipher.from_text(keys) for keys in BOTH)
    assert one.index("13800001234", "phone") == other.index("13800001234", "phone")
    assert one.index("13800001234", "phone") != one.index("13800001235", "phone")
    assert one.index("13800001234", "phone") != one.index("13800001234", "login")


def test_another_index_key_gives_another_index() -> None:
    other = FieldCipher.from_text(f"{AES},index:hmacsha256:{_key(b'j', 32)}")
    assert other.index("1", "phone") != FieldCipher.from_text(BOTH[0]).index("1", "phone")


@pytest.mark.parametrize("text", [
    "", INDEX, AES, f"k1:aes256gcm:{_key(b'1', 16)},{INDEX}", f"k1:sm4gcm:{_key(b'1', 32)},{INDEX}",
    f"k1:des:{_key(b'1', 32)},{INDEX}", f"k1:aes256gcm,{INDEX}", f"k1:aes256gcm:***,{INDEX}",
    f"{AES},index:hmacsha256:{_key(b'i', 16)}", f"{AES},k1:aes256gcm:{_key(b'9', 32)},{INDEX}"])
def test_unusable_keys_are_refused_without_quoting_them(text: str) -> None:
    with pytest.raises(FieldKeyError) as refused:
        FieldCipher.from_text(text)
    assert _key(b"1", 16) not in str(refused.value)


def test_no_representation_shows_a_secret() -> None:
    cipher = FieldCipher.from_text(f"{SM4},{AES},{INDEX}")
    shown = repr(cipher) + str(cipher) + repr(vars(cipher)["_keys"]) + repr(vars(cipher)["_current"])
    assert "111111" not in shown
    assert "222222" not in shown
    assert _key(b"1", 32) not in shown
