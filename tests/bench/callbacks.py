"""Signed, encrypted messages to the official account, as the platform sends them."""

import base64
import hashlib
import secrets
import struct
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.development import STAND_IN
from tests.bench.load import request_bytes


def signed_text(openid: str, text: str, number: int) -> bytes:
    """One HTTP request with a text message of a follower."""
    stamp, nonce = str(int(time.time())), secrets.token_hex(8)
    xml = (f"<xml><ToUserName>gh_bench</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{stamp}</CreateTime>"
           f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{10**15 + number}</MsgId></xml>")
    sealed = _encrypt(xml.encode())
    parts = sorted([STAND_IN["WECHAT_OA_TOKEN"], stamp, nonce, sealed])
    signature = hashlib.sha1("".join(parts).encode()).hexdigest()
    body = f"<xml><ToUserName>gh_bench</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    return request_bytes("POST", f"/wechat/callback/oa?timestamp={stamp}&nonce={nonce}&msg_signature={signature}",
                         {"Content-Type": "text/xml"}, body)


def _encrypt(message: bytes) -> str:
    key = base64.b64decode(STAND_IN["WECHAT_OA_AES_KEY"] + "=")
    plain = secrets.token_bytes(16) + struct.pack(">I", len(message)) + message + STAND_IN["WECHAT_OA_APPID"].encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()
