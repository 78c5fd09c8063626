"""The door for pushes: vectors, forgeries, replays, and ten thousand mutations."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.wechat import vectors
from wechat.callbacks import MAX_BODY_BYTES, CallbackRejected, CallbackVerifier
from wechat.config import AccountConfig
from wechat.crypto import encrypt, sign
from wechat.inbound import InboundMessage

F_CONFIG = AccountConfig("mini", vectors.F_APPID, "s", vectors.F_TOKEN, (vectors.F_KEY,))
F_QUERY = {
    "signature": vectors.F_DECOY,
    "timestamp": vectors.F_TIMESTAMP,
    "nonce": vectors.F_NONCE,
    "encrypt_type": "aes",
    "msg_signature": vectors.F_SIGNATURE,
}
F_BODY = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": vectors.F_SEALED}).encode()


def verifier(
    config: AccountConfig = F_CONFIG, at: str = vectors.F_TIMESTAMP, skew: int = 0, window: int = 300
) -> CallbackVerifier:
    seen: set[str] = set()

    def first_seen(key: str, ttl: int) -> bool:
        assert ttl >= 2 * window
        new = key not in seen
        seen.add(key)
        return new

    moment = datetime.fromtimestamp(int(at) + skew, UTC)
    return CallbackVerifier(config, first_seen=first_seen, clock=lambda: moment, window_seconds=window)


def signed(
    plain: str, *, config: AccountConfig = F_CONFIG, appid: str = "", key: str = "", nonce: str = "n1"
) -> tuple[dict[str, str], bytes]:
    sealed = encrypt(key or config.aes_keys[0], appid or config.appid, plain)
    signature = sign(config.token, vectors.F_TIMESTAMP, nonce, sealed)
    query = {"timestamp": vectors.F_TIMESTAMP, "nonce": nonce, "msg_signature": signature}
    return query, json.dumps({"Encrypt": sealed}).encode()


def attempt(door: CallbackVerifier, query: dict[str, str], body: bytes) -> tuple[str, int]:
    try:
        door.open(query, body)
    except CallbackRejected as problem:
        return problem.reason_code, problem.status
    return "opened", 200


def rejection(door: CallbackVerifier, query: dict[str, str], body: bytes) -> tuple[str, int]:
    with pytest.raises(CallbackRejected) as caught:
        door.open(query, body)
    return caught.value.reason_code, caught.value.status


MESSAGE = json.dumps(
    {"ToUserName": "gh", "FromUserName": "o1", "CreateTime": 1714112445, "MsgType": "text", "Content": "好"}
)


@pytest.mark.requirement(33)
def test_vector_f_opens() -> None:
    inbound = verifier().open(F_QUERY, F_BODY)
    assert isinstance(inbound, InboundMessage)
    assert (inbound.event, inbound.raw["debug_str"]) == ("debug_demo", "hello world")


@pytest.mark.requirement(33)
def test_vector_c_opens_as_xml() -> None:
    config = AccountConfig("oa", vectors.C_APPID, "s", vectors.C_TOKEN, (vectors.A_KEY,))
    query = {
        "timestamp": vectors.C_TIMESTAMP,
        "nonce": vectors.C_NONCE,
        "msg_signature": vectors.C_SIGNATURE,
    }
    sealed = f"<Encrypt><![CDATA[{vectors.C_SEALED}]]></Encrypt>"
    body = f"<xml>\n<ToUserName><![CDATA[gh]]></ToUserName>\n{sealed}</xml>"
    inbound = verifier(config, vectors.C_TIMESTAMP).open(query, body.encode())
    assert (inbound.content, inbound.msg_id, inbound.msg_type) == ("abcdteT", "6054768590064713728", "text")
    assert inbound.created_at.tzinfo is UTC


@pytest.mark.requirement(29, 33)
def test_vector_g_answers_the_address_check() -> None:
    config = replace(F_CONFIG, token=vectors.G_TOKEN)
    query = {
        "signature": vectors.G_SIGNATURE,
        "timestamp": vectors.G_TIMESTAMP,
        "nonce": vectors.G_NONCE,
        "echostr": vectors.G_ECHO,
    }
    door = verifier(config, vectors.G_TIMESTAMP)
    assert door.answer_url_check(query) == vectors.G_ECHO
    for change, code in [
        ({"signature": "0" * 40}, "signature_invalid"),
        ({"signature": "é"}, "signature_invalid"),
        ({"echostr": "<script>"}, "malformed"),
        ({"echostr": "1" * 65}, "malformed"),
        ({"echostr": ""}, "malformed"),
        ({"nonce": ""}, "malformed"),
        ({"timestamp": "now"}, "malformed"),
    ]:
        with pytest.raises(CallbackRejected) as caught:
            door.answer_url_check(query | change)
        assert caught.value.reason_code == code
    with pytest.raises(CallbackRejected, match="timestamp_stale"):
        verifier(config, vectors.G_TIMESTAMP, skew=301).answer_url_check(query)


@pytest.mark.requirement(29, 33)
def test_vector_b_answers_the_sealed_address_check() -> None:
    config = AccountConfig("oa", vectors.B_ID, "s", vectors.B_TOKEN, (vectors.B_KEY,))
    query = {
        "msg_signature": vectors.B_SIGNATURE,
        "timestamp": vectors.B_TIMESTAMP,
        "nonce": vectors.B_NONCE,
        "echostr": vectors.B_ECHO,
    }
    door = verifier(config, vectors.B_TIMESTAMP)
    assert door.answer_url_check(query) == vectors.B_PLAIN
    altered = "Q" + vectors.B_ECHO[1:]
    with pytest.raises(CallbackRejected, match="signature_invalid"):
        door.answer_url_check(query | {"echostr": altered})


@pytest.mark.requirement(30)
def test_right_short_signature_does_not_open_an_altered_body() -> None:
    altered = json.dumps({"Encrypt": encrypt(vectors.F_KEY, vectors.F_APPID, MESSAGE)}).encode()
    assert rejection(verifier(), F_QUERY, altered) == ("signature_invalid", 403)
    short_only = {k: v for k, v in F_QUERY.items() if k != "msg_signature"}
    assert rejection(verifier(), short_only, F_BODY) == ("plaintext_refused", 403)
    assert (
        rejection(verifier(), F_QUERY | {"msg_signature": vectors.F_DECOY}, F_BODY)[0] == "signature_invalid"
    )


@pytest.mark.requirement(31)
@pytest.mark.parametrize("body", [MESSAGE.encode(), b"<xml><MsgType>text</MsgType></xml>", b"", b"{}"])
def test_plaintext_is_refused(body: bytes) -> None:
    assert rejection(verifier(), F_QUERY, body) == ("plaintext_refused", 403)


@pytest.mark.requirement(34)
@pytest.mark.parametrize(("skew", "accepted"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_timestamp_must_be_within_five_minutes(skew: int, accepted: bool) -> None:
    if accepted:
        assert verifier(skew=skew).open(F_QUERY, F_BODY)
    else:
        assert rejection(verifier(skew=skew), F_QUERY, F_BODY) == ("timestamp_stale", 403)


@pytest.mark.requirement(34)
def test_same_request_twice_is_a_replay_but_a_retry_is_not() -> None:
    door = verifier()
    first = door.open(*signed(MESSAGE, nonce="n1"))
    query, body = signed(MESSAGE, nonce="n2")
    assert door.open(query, body).dedupe_key == first.dedupe_key
    assert rejection(door, query, body) == ("replayed", 403)


def test_forgery_does_not_fill_the_replay_memory() -> None:
    door = verifier()
    query, body = signed(MESSAGE)
    assert rejection(door, query | {"msg_signature": "0" * 40}, body)[0] == "signature_invalid"
    assert door.open(query, body)


@pytest.mark.requirement(32)
def test_message_for_another_account_is_refused() -> None:
    assert rejection(verifier(), *signed(MESSAGE, appid="wxother")) == ("appid_mismatch", 403)


@pytest.mark.requirement(42)
def test_older_aes_key_is_accepted_while_it_is_configured() -> None:
    rotated = replace(F_CONFIG, aes_keys=(vectors.A_KEY, vectors.F_KEY))
    assert verifier(rotated).open(F_QUERY, F_BODY)
    assert (
        rejection(verifier(replace(F_CONFIG, aes_keys=(vectors.A_KEY,))), F_QUERY, F_BODY)[0] == "malformed"
    )


@pytest.mark.parametrize("config", [replace(F_CONFIG, token=""), replace(F_CONFIG, aes_keys=())])
def test_no_door_without_token_and_key(config: AccountConfig) -> None:
    """An empty token would let anybody sign."""
    with pytest.raises(ValueError, match="callbacks need"):
        verifier(config)


@pytest.mark.requirement(35)
def test_too_large_is_refused_before_anything_else() -> None:
    assert rejection(verifier(), {}, b"x" * (MAX_BODY_BYTES + 1)) == ("too_large", 413)


@pytest.mark.requirement(33, 35)
@pytest.mark.parametrize(
    "plain",
    [
        "",
        "null",
        "[1]",
        "{}",
        '{"MsgType":"text"}',
        '{"MsgType":"text","FromUserName":"o1"}',
        '{"MsgType":"text","FromUserName":"o1","CreateTime":"x"}',
        '{"MsgType":"text","FromUserName":"o1","CreateTime":99999999999999}',
        '{"MsgType":["a"],"FromUserName":"o1","CreateTime":1}',
        "{" + '"a":{' * 4000,
        json.dumps({"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": {"j": 1}}}}}}}}}}),
        "<xml>",
        "<xml><MsgType>text</MsgType></xml>",
        "<xml><MsgType/></xml>",
        "<xml><MsgType>a</MsgType><MsgType>b</MsgType></xml>",
        "<other/>",
        "<xml>text</xml>",
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        "<!DOCTYPE xml><xml><MsgType>text</MsgType></xml>",
        "<xml>" + "<a>" * 3000 + "</a>" * 3000 + "<MsgType>t</MsgType></xml>",
        "plain words",
    ],
)
def test_authentic_nonsense_is_malformed_not_a_crash(plain: str) -> None:
    assert rejection(verifier(), *signed(plain)) == ("malformed", 400)


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"Encrypt":' + b"[" * 20_000, b"[1]", b"<xml>"])
def test_unreadable_envelopes_are_refused(body: bytes) -> None:
    assert rejection(verifier(), F_QUERY, body)[0] in ("malformed", "plaintext_refused")


def test_two_ciphertexts_in_one_envelope_are_refused() -> None:
    body = f"<xml><Encrypt>{vectors.F_SEALED}</Encrypt><Encrypt>{vectors.F_SEALED}</Encrypt></xml>".encode()
    assert rejection(verifier(), F_QUERY, body) == ("malformed", 400)


@pytest.mark.requirement(33)
def test_ten_thousand_mutations_are_all_refused_politely() -> None:
    chance = random.Random(20260105)
    door = verifier()
    slowest = 0.0
    for _ in range(10_000):
        query, body = _mutate(chance)
        started = time.perf_counter()
        reason, status = attempt(door, query, body)
        slowest = max(slowest, time.perf_counter() - started)
        assert status in (400, 403, 413) or (reason == "opened" and _is_same_request(query, body))
    assert slowest < 0.25  # the bound is 50 ms; a busy machine is forgiven


def _mutate(chance: random.Random) -> tuple[dict[str, str], bytes]:
    query, body = dict(F_QUERY), bytearray(F_BODY)
    for _ in range(chance.randint(1, 4)):
        if chance.random() < 0.4:
            name = chance.choice(list(F_QUERY))
            value = query.get(name, "")
            at = chance.randrange(len(value) + 1)
            query[name] = (
                value[:at] + chr(chance.choice([0, 10, 48, 65, 0xE9, 0x4E2D, 0xFFFF])) + value[at + 1 :]
            )
            if chance.random() < 0.2:
                del query[name]
            continue
        at = chance.randrange(len(body)) if body else 0
        match chance.randrange(4):
            case 0 if body:
                body[at] = chance.randrange(256)
            case 1:
                del body[at : at + chance.randint(1, 40)]
            case 2:
                body[at:at] = chance.randbytes(chance.randint(1, 20))
            case _:
                body = body[:at]
    return query, bytes(body)


def _is_same_request(query: dict[str, str], body: bytes) -> bool:
    """A mutation may touch only what is not signed."""
    names = ("timestamp", "nonce", "msg_signature")
    return all(query[name] == F_QUERY[name] for name in names) and vectors.F_SEALED.encode() in body


@pytest.mark.requirement(33)
def test_no_mutated_ciphertext_crashes_even_when_signed() -> None:
    chance = random.Random(7)
    door = verifier()
    for turn in range(2000):
        sealed = bytearray(vectors.F_SEALED.encode())
        sealed[chance.randrange(len(sealed))] = chance.choice(b"ABCxyz019+/=")
        text = sealed.decode()
        query = {"timestamp": vectors.F_TIMESTAMP, "nonce": f"m{turn}"}
        query["msg_signature"] = sign(vectors.F_TOKEN, vectors.F_TIMESTAMP, query["nonce"], text)
        reason, _ = attempt(door, query, json.dumps({"Encrypt": text}).encode())
        assert reason in ("opened", "malformed", "appid_mismatch")
