"""RSA blind signatures (RFC 9474): the signer stamps a ballot paper through its envelope, without seeing it.

`prepare` and `blind` and `finalize` are the voter's side, `blind_sign` the signer's, `verify` anybody's. Rounds use
RSABSSA-SHA384-PSS-Randomized. `cryptography` makes keys and verifies the finished signature, which is an ordinary
RSA-PSS one; it offers no raw RSA, so blinding and signing are Python integers.

Limits. Python's integers are not constant-time: the signer therefore never raises what it was sent to its secret
exponent, but that number times a fresh random r^e (base blinding), and whoever measures times learns nothing about a
number of their choice. Secrets cannot be wiped from Python's memory. RSA is not one of the national algorithms.
A bad blinded message is refused with one error, whatever is wrong with it, before the secret key is used.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha384
from math import gcd

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

RandomBytes = Callable[[int], bytes]
MODULUS_BITS = 3072
_HASH_BYTES = 48
_PREFIX_BYTES = 32


@dataclass(frozen=True)
class Variant:
    """One of the RFC's four: the salt of the encoding, and whether 32 random bytes stand before the message."""

    salt_bytes: int
    is_randomized: bool


RANDOMIZED = Variant(salt_bytes=48, is_randomized=True)
VARIANTS = {
    "RSABSSA-SHA384-PSS-Randomized": RANDOMIZED,
    "RSABSSA-SHA384-PSSZERO-Randomized": Variant(salt_bytes=0, is_randomized=True),
    "RSABSSA-SHA384-PSS-Deterministic": Variant(salt_bytes=48, is_randomized=False),
    "RSABSSA-SHA384-PSSZERO-Deterministic": Variant(salt_bytes=0, is_randomized=False),
}


class BlindSignatureError(ValueError):
    """A step that must not go on; the code names the step, never the number that stopped it."""


@dataclass(frozen=True)
class Blinded:
    """What goes to the signer, and the secret that takes the blinding off again."""

    message: bytes
    inverse: int


def new_key(bits: int = MODULUS_BITS) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def prepare(message: bytes, *, variant: Variant = RANDOMIZED, random_bytes: RandomBytes = secrets.token_bytes) -> bytes:
    """The message that is really signed: 32 random bytes in front, so that no signer can prepare for it."""
    return random_bytes(_PREFIX_BYTES) + message if variant.is_randomized else message


def blind(key: rsa.RSAPublicKey, prepared: bytes, *, variant: Variant = RANDOMIZED,
          random_bytes: RandomBytes = secrets.token_bytes) -> Blinded:
    """Put the encoded message into an envelope: m · r^e mod n for a secret random r."""
    n, e = _numbers(key)
    encoded = _encode(prepared, key.key_size - 1, random_bytes(variant.salt_bytes) if variant.salt_bytes else b"")
    representative = int.from_bytes(encoded)
    if gcd(representative, n) != 1:
        raise BlindSignatureError("invalid input")
    r = _random_below(n, random_bytes)
    if gcd(r, n) != 1:
        raise BlindSignatureError("blinding error")
    return Blinded(_octets(representative * pow(r, e, n) % n, key), pow(r, -1, n))


def blind_sign(key: rsa.RSAPrivateKey, blinded: bytes, *, random_bytes: RandomBytes = secrets.token_bytes) -> bytes:
    """The stamp on the envelope; checked before it leaves, so that a computing fault never gives the key away."""
    public = key.public_key()
    n, e = _numbers(public)
    representative = int.from_bytes(blinded)
    if len(blinded) != _modulus_bytes(public) or representative >= n or gcd(representative, n) != 1:
        raise BlindSignatureError("invalid blinded message")
    r = _random_unit(n, random_bytes)
    signed = _private_power(key, representative * pow(r, e, n) % n) * pow(r, -1, n) % n
    if pow(signed, e, n) != representative:
        raise BlindSignatureError("signing failure")
    return _octets(signed, public)


def finalize(key: rsa.RSAPublicKey, prepared: bytes, blind_signature: bytes, inverse: int, *,
             variant: Variant = RANDOMIZED) -> bytes:
    """Take the envelope off; only a signature that verifies comes out."""
    if len(blind_signature) != _modulus_bytes(key):
        raise BlindSignatureError("unexpected input size")
    signature = _octets(int.from_bytes(blind_signature) * inverse % key.public_numbers().n, key)
    if not verify(key, prepared, signature, variant=variant):
        raise BlindSignatureError("invalid signature")
    return signature


def verify(key: rsa.RSAPublicKey, prepared: bytes, signature: bytes, *, variant: Variant = RANDOMIZED) -> bool:
    """Whether the key signed exactly this message; any bytes may be asked about."""
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), salt_length=variant.salt_bytes)
    try:
        key.verify(signature, prepared, pss, hashes.SHA384())
    except InvalidSignature:
        return False
    return True


def _numbers(key: rsa.RSAPublicKey) -> tuple[int, int]:
    numbers = key.public_numbers()
    return numbers.n, numbers.e


def _modulus_bytes(key: rsa.RSAPublicKey) -> int:
    return (key.key_size + 7) // 8


def _octets(number: int, key: rsa.RSAPublicKey) -> bytes:
    return number.to_bytes(_modulus_bytes(key))


def _private_power(key: rsa.RSAPrivateKey, base: int) -> int:
    """base^d mod n by the Chinese remainder theorem; the caller has blinded the base and checks the result."""
    secret = key.private_numbers()
    p, q = secret.p, secret.q
    at_p, at_q = pow(base, secret.dmp1, p), pow(base, secret.dmq1, q)
    return at_q + q * ((at_p - at_q) * secret.iqmp % p)


def _random_below(n: int, random_bytes: RandomBytes) -> int:
    """Uniform in 1 … n-1, by drawing again whatever falls outside."""
    size, spare = (n.bit_length() + 7) // 8, -n.bit_length() % 8
    while True:
        drawn = int.from_bytes(random_bytes(size)) >> spare if spare else int.from_bytes(random_bytes(size))
        if 0 < drawn < n:
            return drawn


def _random_unit(n: int, random_bytes: RandomBytes) -> int:
    while gcd(r := _random_below(n, random_bytes), n) != 1:
        pass
    return r


def _encode(message: bytes, bits: int, salt: bytes) -> bytes:
    """EMSA-PSS-ENCODE of RFC 8017 with SHA-384 and MGF1."""
    size = (bits + 7) // 8
    padding_bytes = size - len(salt) - _HASH_BYTES - 2
    if padding_bytes < 0:
        raise BlindSignatureError("invalid input")
    digest = sha384(bytes(8) + sha384(message).digest() + salt).digest()
    block = bytes(padding_bytes) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(block, _mask(digest, len(block)), strict=True))
    masked[0] &= 0xFF >> (8 * size - bits)
    return bytes(masked) + digest + b"\xbc"


def _mask(seed: bytes, size: int) -> bytes:
    blocks = -(-size // _HASH_BYTES)
    return b"".join(sha384(seed + counter.to_bytes(4)).digest() for counter in range(blocks))[:size]
