"""Sealed and signed calls: the official vector both ways, and every way an answer can be wrong."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.wechat import vectors_security as s
from wechat.api_security import ApiSecurity, UnsealFailed, read_api_security, signed_lines

pytestmark = pytest.mark.requirement(69, 33)

KEYS = {
    "symmetric_serial": s.SYMMETRIC_SERIAL,
    "symmetric_key": s.SYMMETRIC_KEY,
    "private_key": s.PRIVATE_KEY,
    "platform_certificates": {s.PLATFORM_SERIAL: s.CERTIFICATE},
}
HEADERS = {
    "Wechatmp-Appid": s.APPID,
    "Wechatmp-TimeStamp": str(s.ANSWER_TIME),
    "Wechatmp-Serial": s.PLATFORM_SERIAL,
    "Wechatmp-Signature": s.ANSWER_SIGNATURE,
}
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


@pytest.fixture
def security() -> ApiSecurity:
    return read_api_security(json.dumps(KEYS))


def our_key() -> RSAPrivateKey:
    key = load_pem_private_key(s.PRIVATE_KEY.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def unseal(security: ApiSecurity, *, now: float = s.ANSWER_TIME, body: str = s.ANSWER_BODY, url: str = s.URL,
           appid: str = s.APPID, **headers: str) -> dict[str, object]:
    changed = {**HEADERS, **{f"Wechatmp-{name.replace('_', '-')}": value for name, value in headers.items()}}
    kept = {name: value for name, value in changed.items() if value}
    return dict(json.loads(security.unseal(url, appid, kept, body.encode(), now=now)))


def test_vector_s_request_is_sealed_to_the_official_ciphertext(security: ApiSecurity) -> None:
    sealed = security.seal(
        s.URL, s.APPID, s.REQUEST_PLAIN, s.REQUEST_TIME, iv=base64.b64decode(s.REQUEST_IV), nonce=s.REQUEST_NONCE
    )
    assert sealed.body.decode() == s.REQUEST_BODY
    assert sealed.headers["Wechatmp-Appid"] == s.APPID
    assert sealed.headers["Wechatmp-TimeStamp"] == str(s.REQUEST_TIME)
    signature = base64.b64decode(sealed.headers["Wechatmp-Signature"])
    our_key().public_key().verify(
        signature, signed_lines(s.URL, s.APPID, s.REQUEST_TIME, sealed.body), PSS, hashes.SHA256()
    )


def test_vector_s_signature_covers_four_lines_and_not_five() -> None:
    public, signature = our_key().public_key(), base64.b64decode(s.REQUEST_SIGNATURE)
    four = signed_lines(s.URL, s.APPID, s.REQUEST_TIME, s.REQUEST_BODY.encode())
    public.verify(signature, four, PSS, hashes.SHA256())
    five = f"{s.URL}\n{s.APPID}\n{s.REQUEST_TIME}\n{s.ASYMMETRIC_SERIAL}\n{s.REQUEST_BODY}".encode()
    with pytest.raises(InvalidSignature):
        public.verify(signature, five, PSS, hashes.SHA256())


def test_vector_s_answer_is_verified_and_opened(security: ApiSecurity) -> None:
    answer = unseal(security)
    assert (answer["errcode"], answer["errmsg"], answer["_appid"]) == (0, "getuserriskrank succ", s.APPID)


def test_answer_is_verified_by_the_certificate_going_out_of_use(security: ApiSecurity) -> None:
    assert unseal(security, Serial="another", Signature="AAAA", Serial_Deprecated=s.PLATFORM_SERIAL,
                  Signature_Deprecated=s.ANSWER_SIGNATURE)["errcode"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"Signature": "AAAA"},
        {"Signature": ""},
        {"Signature": "not base64"},
        {"Serial": "unknown"},
        {"Serial": ""},
        {"Appid": "wxother"},
        {"Appid": ""},
        {"TimeStamp": str(s.ANSWER_TIME + 1)},
        {"TimeStamp": ""},
        {"TimeStamp": "soon"},
        {"url": s.URL + "2"},
        {"appid": "wxother"},
        {"body": s.ANSWER_BODY.replace("HExs", "HExt")},
        {"body": s.ANSWER_BODY + " "},
        {"body": ""},
        {"now": s.ANSWER_TIME + 301.0},
        {"now": s.ANSWER_TIME - 301.0},
    ],
)
def test_any_other_answer_is_refused(security: ApiSecurity, change: dict[str, object]) -> None:
    with pytest.raises(UnsealFailed):
        unseal(security, **change)  # type: ignore[arg-type]


class Platform:
    """Signs as the platform would, with a key the test made its certificate."""

    def __init__(self, security: ApiSecurity) -> None:
        self.security = ApiSecurity(
            security.symmetric_serial, security.symmetric_key, security.private_key, {"p": our_key().public_key()}
        )

    def answer(self, plain: bytes, *, key: bytes = b"", sealed: bytes = b"") -> bytes:
        aad = f"{s.URL}|{s.APPID}|{s.ANSWER_TIME}|{s.SYMMETRIC_SERIAL}".encode()
        raw = AESGCM(key or self.security.symmetric_key).encrypt(b"i" * 12, plain, aad)
        parts = {"iv": b"i" * 12, "data": raw[:-16], "authtag": raw[-16:]}
        body = sealed or json.dumps({k: base64.b64encode(v).decode() for k, v in parts.items()}).encode()
        signature = our_key().sign(signed_lines(s.URL, s.APPID, s.ANSWER_TIME, body), PSS, hashes.SHA256())
        headers = {**HEADERS, "Wechatmp-Serial": "p", "Wechatmp-Signature": base64.b64encode(signature).decode()}
        return self.security.unseal(s.URL, s.APPID, headers, body, now=s.ANSWER_TIME)


def test_well_signed_answer_opens(security: ApiSecurity) -> None:
    plain = json.dumps({"_appid": s.APPID, "_timestamp": s.ANSWER_TIME, "errcode": 0}).encode()
    assert Platform(security).answer(plain) == plain


@pytest.mark.parametrize(
    "plain",
    [
        b"{}",
        b"[]",
        b"no",
        b'{"_appid":"wxother","_timestamp":1635927956}',
        b'{"_appid":"wxba6223c06417af7b","_timestamp":1635927000}',
        b'{"_appid":"wxba6223c06417af7b","_timestamp":"x"}',
        b'{"_appid":"wxba6223c06417af7b"}',
    ],
)
def test_inside_must_agree_with_the_headers(security: ApiSecurity, plain: bytes) -> None:
    with pytest.raises(UnsealFailed, match="inside"):
        Platform(security).answer(plain)


def test_well_signed_answer_under_a_foreign_key_is_refused(security: ApiSecurity) -> None:
    with pytest.raises(UnsealFailed, match="sealed"):
        Platform(security).answer(b"{}", key=b"k" * 32)


@pytest.mark.parametrize("sealed", [b"{}", b"[]", b"null", b'{"iv":1,"data":2,"authtag":3}', b"[" * 50_000])
def test_well_signed_nonsense_is_refused(security: ApiSecurity, sealed: bytes) -> None:
    with pytest.raises(UnsealFailed):
        Platform(security).answer(b"{}", sealed=sealed)


@pytest.mark.parametrize(
    "change",
    [
        {"symmetric_key": base64.b64encode(b"k" * 31).decode()},
        {"symmetric_key": "?"},
        {"private_key": "-----BEGIN"},
        {"platform_certificates": {}},
        {"platform_certificates": {"p": "nothing"}},
        {"platform_certificates": None},
        {"private_key": None},
    ],
)
def test_incomplete_keys_are_refused_without_repeating_them(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="API security keys") as caught:
        read_api_security(json.dumps({**KEYS, **change}))
    assert s.SYMMETRIC_KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_keys_show_in_no_repr(security: ApiSecurity) -> None:
    assert "PrivateKey" not in repr(security)
    assert str(base64.b64decode(s.SYMMETRIC_KEY)) not in repr(security)


def test_only_listed_calls_are_sealed(security: ApiSecurity) -> None:
    assert security.seals("/cgi-bin/message/subscribe/send")
    assert security.seals("/wxa/business/getuserphonenumber")
    for api in ("/cgi-bin/stable_token", "/sns/jscode2session", "/wxa/getwxacodeunlimit", "/wxa/generate_urllink"):
        assert not security.seals(api)
