"""Official vectors and their negative twins."""

from __future__ import annotations

import base64
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.crypto import WeChatCrypto, WeChatWxaCrypto

from tests.wechat import vectors
from wechat.config import AccountConfig
from wechat.crypto import DecryptionFailed, decrypt, encrypt, is_signed, sign
from wechat.user_data import UserDataInvalid, decrypt_user_data


def seal(plain: bytes, key: str = vectors.A_KEY) -> str:
    """AES without any of the rules, to make what no honest sender makes."""
    raw = base64.b64decode(key + "=")
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def framed(text: bytes, appid: bytes = b"wx1", length: int | None = None) -> bytes:
    return b"r" * 16 + struct.pack(">I", len(text) if length is None else length) + text + appid


@pytest.mark.requirement(33)
def test_vector_a_encrypts_to_the_official_ciphertext() -> None:
    assert (
        encrypt(vectors.A_KEY, vectors.A_APPID, vectors.A_TEXT, prefix=b"aaaabbbbccccdddd")
        == vectors.A_SEALED
    )
    assert decrypt(vectors.A_KEY, vectors.A_SEALED) == (vectors.A_TEXT, vectors.A_APPID)


@pytest.mark.requirement(33)
def test_vector_c_decrypts_like_the_official_sample() -> None:
    assert is_signed(
        vectors.C_SIGNATURE, vectors.C_TOKEN, vectors.C_TIMESTAMP, vectors.C_NONCE, vectors.C_SEALED
    )
    text, appid = decrypt(vectors.A_KEY, vectors.C_SEALED)
    assert appid == vectors.C_APPID
    assert "<Content><![CDATA[abcdteT]]></Content>" in text


@pytest.mark.requirement(33)
def test_vector_d_is_signed_and_opens_for_its_id() -> None:
    parts = (vectors.D_TOKEN, vectors.D_TIMESTAMP, vectors.D_NONCE, vectors.D_ECHO)
    assert is_signed(vectors.D_SIGNATURE, *parts)
    assert not is_signed(vectors.D_SIGNATURE, *(part.replace("437374425", "437374424") for part in parts))
    text, receiver = decrypt(vectors.D_KEY, vectors.D_ECHO)
    assert (text.isdecimal(), receiver) == (True, vectors.D_ID)


@pytest.mark.requirement(33)
def test_vector_e_opens_and_its_reply_seals_to_the_same() -> None:
    parts = (vectors.D_TOKEN, vectors.E_TIMESTAMP, vectors.E_NONCE)
    assert is_signed(vectors.E_SIGNATURE, *parts, vectors.E_SEALED)
    text, receiver = decrypt(vectors.D_KEY, vectors.E_SEALED)
    assert receiver == vectors.D_ID
    assert "<Content><![CDATA[test]]></Content>" in text
    sealed = encrypt(vectors.D_KEY, vectors.D_ID, vectors.E_REPLY, prefix=b"1234567890123456")
    assert sealed == vectors.E_REPLY_SEALED
    assert sign(*parts, sealed) == vectors.E_REPLY_SIGNATURE


@pytest.mark.requirement(41)
def test_ours_is_read_by_wechatpy_and_its_by_us() -> None:
    sealed = encrypt(vectors.A_KEY, "wx1", "你好]]>")
    other = WeChatCrypto("token", vectors.A_KEY, "wx1")
    assert other.decrypt_message({"Encrypt": sealed}, sign("token", "1", "n", sealed), "1", "n") == "你好]]>"
    theirs = other.encrypt_message("<xml>好</xml>", "n", "1")
    assert decrypt(vectors.A_KEY, theirs.split("<Encrypt><![CDATA[")[1].split("]]>")[0]) == (
        "<xml>好</xml>",
        "wx1",
    )


@pytest.mark.requirement(41)
def test_no_two_encryptions_are_alike() -> None:
    assert len({encrypt(vectors.A_KEY, "wx1", "same") for _ in range(50)}) == 50


@pytest.mark.parametrize("size", range(0, 70, 3))
def test_every_length_round_trips(size: int) -> None:
    assert decrypt(vectors.A_KEY, encrypt(vectors.A_KEY, "wx1", "x" * size)) == ("x" * size, "wx1")


@pytest.mark.requirement(33)
@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "not base64!",
        base64.b64encode(b"short").decode(),
        vectors.A_SEALED[:-4],
        " " + vectors.A_SEALED,
        vectors.A_SEALED + "\n",
        seal(framed(b"x" * 8) + b"\x00"),
        seal(framed(b"x" * 8).ljust(64, b"\x21")),
        seal(framed(b"x" * 8).ljust(31, b"?") + b"\x08"),
        seal(framed(b"x" * 8, length=2**31).ljust(32, b"?") + b"\x20" * 32),
        seal(b"\x10" * 16),
        seal(b"\x20" * 32),
        seal(framed(b"\xff\xfe").ljust(32, b"\x07")),
    ],
)
def test_anything_else_is_refused(sealed: str) -> None:
    with pytest.raises(DecryptionFailed):
        decrypt(vectors.A_KEY, sealed)


@pytest.mark.requirement(33)
@pytest.mark.parametrize("position", range(0, 64, 7))
def test_flipped_byte_breaks_the_signature(position: int) -> None:
    altered = vectors.C_SEALED[:position] + ("A" if vectors.C_SEALED[position] != "A" else "B")
    altered += vectors.C_SEALED[position + 1 :]
    assert not is_signed(vectors.C_SIGNATURE, vectors.C_TOKEN, vectors.C_TIMESTAMP, vectors.C_NONCE, altered)


@pytest.mark.parametrize("key", ["A" * 42, "A" * 44, "!" * 43, ""])
def test_wrong_aes_keys_are_refused_at_start(key: str) -> None:
    with pytest.raises(ValueError, match="aes_keys"):
        AccountConfig("mini", "wx1", "s", "t", (key,))


@pytest.mark.requirement(33)
def test_vector_u_decrypts_user_data() -> None:
    data = decrypt_user_data(vectors.U_SESSION_KEY, vectors.U_IV, vectors.U_SEALED, appid=vectors.U_APPID)
    assert (data["openId"], data["nickName"]) == ("oGZUI0egBJY1zhBYw2KhdUfwVJJE", "Band")
    assert data["unionId"] == "ocMvos6NjeKLIBqg5Mr9QjxrP1FA"
    assert data["watermark"] == {"timestamp": 1477314187, "appid": vectors.U_APPID}
    other = WeChatWxaCrypto(vectors.U_SESSION_KEY, vectors.U_IV, vectors.U_APPID)
    assert other.decrypt_message(vectors.U_SEALED) == data


@pytest.mark.parametrize(
    "change",
    [
        {"appid": "wxother"},
        {"session_key": base64.b64encode(b"k" * 16).decode()},
        {"session_key": "short"},
        {"iv": "AA=="},
        {"encrypted": vectors.U_SEALED[:-8]},
        {"encrypted": "not base64"},
    ],
)
def test_user_data_of_another_key_or_program_is_refused(change: dict[str, str]) -> None:
    right = {"session_key": vectors.U_SESSION_KEY, "iv": vectors.U_IV, "encrypted": vectors.U_SEALED}
    given = {**right, "appid": vectors.U_APPID, **change}
    with pytest.raises(UserDataInvalid):
        decrypt_user_data(given["session_key"], given["iv"], given["encrypted"], appid=given["appid"])
