"""RSA blind signatures against the vectors of RFC 9474, appendix A, and against everything that must not pass."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from services.rules import blind_signatures as blinds
from services.rules.blind_signatures import BlindSignatureError

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "vectors" / "rfc9474.json").read_text())
vectors = pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])


def number(text: str) -> int:
    return int(text, 16)


def secret_key(vector: dict[str, Any]) -> rsa.RSAPrivateKey:
    p, q, d = (number(vector[name]) for name in "pqd")
    public = rsa.RSAPublicNumbers(number(vector["e"]), number(vector["n"]))
    return rsa.RSAPrivateNumbers(p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
                                 public).private_key()


def drawing(*pieces: bytes) -> Callable[[int], bytes]:
    """A random source that gives these pieces, each of the size asked for."""
    left = list(pieces)

    def random_bytes(size: int) -> bytes:
        piece = left.pop(0)
        assert len(piece) == size
        return piece

    return random_bytes


def stream(seed: str) -> Callable[[int], bytes]:
    """A seeded random source."""
    counter = iter(range(10**6))

    def random_bytes(size: int) -> bytes:
        return b"".join(sha256(f"{seed}{next(counter)}".encode()).digest() for _ in range(-(-size // 32)))[:size]

    return random_bytes


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return blinds.new_key(2048)


# --- the vectors ------------------------------------------------------------------------------------


def test_the_file_has_the_four_variants() -> None:
    assert {vector["name"] for vector in VECTORS} == set(blinds.VARIANTS)


@vectors
def test_every_step_gives_the_bytes_of_the_rfc(vector: dict[str, Any]) -> None:
    variant, key = blinds.VARIANTS[vector["name"]], secret_key(vector)
    public, n = key.public_key(), number(vector["n"])
    message, salt = bytes.fromhex(vector["msg"]), bytes.fromhex(vector["salt"])
    prepared = blinds.prepare(message, variant=variant, random_bytes=drawing(bytes.fromhex(vector["msg_prefix"])))
    assert prepared.hex() == vector["input_msg"]
    r = pow(number(vector["inv"]), -1, n).to_bytes(512)
    blinded = blinds.blind(public, prepared, variant=variant, random_bytes=drawing(*([salt] if salt else []), r))
    assert blinded.message.hex() == vector["blinded_msg"]
    assert blinded.inverse == number(vector["inv"])
    blind_signature = blinds.blind_sign(key, blinded.message)
    assert blind_signature.hex() == vector["blind_sig"]
    signature = blinds.finalize(public, prepared, blind_signature, blinded.inverse, variant=variant)
    assert signature.hex() == vector["sig"]
    assert blinds.verify(public, prepared, signature, variant=variant)


@vectors
def test_a_vector_with_any_part_changed_does_not_verify(vector: dict[str, Any]) -> None:
    variant, public = blinds.VARIANTS[vector["name"]], secret_key(vector).public_key()
    prepared, signature = bytes.fromhex(vector["input_msg"]), bytes.fromhex(vector["sig"])
    other = blinds.Variant(48 - variant.salt_bytes, variant.is_randomized)
    assert not blinds.verify(public, prepared + b"\0", signature, variant=variant)
    assert not blinds.verify(public, prepared[1:], signature, variant=variant)
    assert not blinds.verify(public, prepared, signature[:-1] + bytes([signature[-1] ^ 1]), variant=variant)
    assert not blinds.verify(public, prepared, signature, variant=other)
    assert not blinds.verify(blinds.new_key(2048).public_key(), prepared, signature, variant=variant)


@vectors
def test_a_vector_is_not_finished_with_anything_but_its_own_parts(vector: dict[str, Any]) -> None:
    variant, public = blinds.VARIANTS[vector["name"]], secret_key(vector).public_key()
    prepared, inverse = bytes.fromhex(vector["input_msg"]), number(vector["inv"])
    blind_signature = bytes.fromhex(vector["blind_sig"])
    for changed in ((prepared + b"\0", blind_signature, inverse), (prepared, blind_signature, inverse + 1),
                    (prepared, blind_signature[:-1] + bytes([blind_signature[-1] ^ 1]), inverse),
                    (prepared, bytes.fromhex(vector["blinded_msg"]), inverse), (prepared, bytes(512), inverse)):
        with pytest.raises(BlindSignatureError, match="invalid signature"):
            blinds.finalize(public, *changed, variant=variant)


# --- the voter's side -------------------------------------------------------------------------------


def test_a_fresh_ballot_goes_all_the_way(key: rsa.RSAPrivateKey) -> None:
    public, prepared = key.public_key(), blinds.prepare(b"ballot")
    blinded = blinds.blind(public, prepared)
    signature = blinds.finalize(public, prepared, blinds.blind_sign(key, blinded.message), blinded.inverse)
    assert blinds.verify(public, prepared, signature)
    assert prepared.endswith(b"ballot")
    assert len(prepared) == 32 + len(b"ballot")


def test_the_same_message_blinded_twice_shows_nothing_in_common(key: rsa.RSAPrivateKey) -> None:
    prepared = blinds.prepare(b"ballot")
    first, second = (blinds.blind(key.public_key(), prepared) for _ in range(2))
    assert first.message != second.message
    assert first.inverse != second.inverse


def test_every_envelope_could_hold_every_ballot(key: rsa.RSAPrivateKey) -> None:
    """The signer's view fits both finished ballots, with a blinding factor for each: it cannot tell which it was."""
    public, numbers = key.public_key(), key.public_key().public_numbers()
    ballots, envelopes = [], []
    for text in (b"one", b"two"):
        prepared = blinds.prepare(text)
        blinded = blinds.blind(public, prepared)
        envelopes.append(int.from_bytes(blinded.message))
        signature = blinds.finalize(public, prepared, blinds.blind_sign(key, blinded.message), blinded.inverse)
        ballots.append(pow(int.from_bytes(signature), numbers.e, numbers.n))
    for envelope in envelopes:
        for representative in ballots:
            factor = envelope * pow(representative, -1, numbers.n) % numbers.n
            r = int.from_bytes(blinds.blind_sign(key, factor.to_bytes(256)))
            assert representative * pow(r, numbers.e, numbers.n) % numbers.n == envelope


def test_a_draw_outside_the_modulus_is_drawn_again(key: rsa.RSAPrivateKey) -> None:
    public = key.public_key()
    n = public.public_numbers().n
    source = drawing(bytes(48), b"\xff" * 256, bytes(256), n.to_bytes(256), (2).to_bytes(256))
    assert blinds.blind(public, b"x", random_bytes=source).inverse == pow(2, -1, n)


def test_a_draw_fits_a_modulus_that_does_not_fill_its_bytes() -> None:
    public = rsa.RSAPublicNumbers(65537, (1 << 1234) - 35).public_key()
    blinded = blinds.blind(public, b"x", random_bytes=stream("odd size"))
    assert 0 < blinded.inverse < public.public_numbers().n


def test_a_blinding_factor_that_shares_a_prime_with_the_modulus_stops(key: rsa.RSAPrivateKey) -> None:
    p = key.private_numbers().p
    with pytest.raises(BlindSignatureError, match="blinding error"):
        blinds.blind(key.public_key(), b"x", random_bytes=drawing(bytes(48), p.to_bytes(256)))


def test_a_message_that_shares_a_prime_with_the_modulus_stops() -> None:
    prepared, salt = b"x", bytes(48)
    vector_key = secret_key(VECTORS[0]).public_key()
    representative = int.from_bytes(blinds._encode(prepared, vector_key.key_size - 1, salt))
    shared = next(small for small in (3, 5, 7, 11, 13) if representative % small == 0)
    modulus = (1 << 4095) + 1
    modulus += shared - modulus % shared if modulus % shared else 0
    modulus += shared if modulus % 2 == 0 else 0
    public = rsa.RSAPublicNumbers(65537, modulus).public_key()
    with pytest.raises(BlindSignatureError, match="invalid input"):
        blinds.blind(public, prepared, random_bytes=drawing(salt))


def test_a_modulus_too_small_for_the_encoding_stops() -> None:
    with pytest.raises(BlindSignatureError, match="invalid input"):
        blinds._encode(b"x", 8 * 97, bytes(48))


# --- the signer's side ------------------------------------------------------------------------------


def test_the_signer_refuses_every_bad_number_in_the_same_words(key: rsa.RSAPrivateKey) -> None:
    n, p = key.public_key().public_numbers().n, key.private_numbers().p
    bad = [b"", bytes(255), bytes(257), bytes(256), n.to_bytes(256), b"\xff" * 256, p.to_bytes(256),
           (n - p).to_bytes(256), (1).to_bytes(257)]
    said = set()
    for blinded in bad:
        with pytest.raises(BlindSignatureError) as refused:
            blinds.blind_sign(key, blinded, random_bytes=drawing())
        said.add(str(refused.value))
    assert said == {"invalid blinded message"}


def test_the_signer_accepts_the_largest_and_the_smallest_number(key: rsa.RSAPrivateKey) -> None:
    n = key.public_key().public_numbers().n
    assert blinds.blind_sign(key, (1).to_bytes(256)) == (1).to_bytes(256)
    assert blinds.blind_sign(key, (n - 1).to_bytes(256)) == (n - 1).to_bytes(256)


def test_the_same_envelope_gets_the_same_stamp_whatever_the_signer_draws(key: rsa.RSAPrivateKey) -> None:
    envelope = blinds.blind(key.public_key(), b"x").message
    assert blinds.blind_sign(key, envelope) == blinds.blind_sign(key, envelope, random_bytes=stream("another"))


def test_the_signer_draws_again_when_its_own_factor_shares_a_prime(key: rsa.RSAPrivateKey) -> None:
    envelope = blinds.blind(key.public_key(), b"x").message
    source = drawing(key.private_numbers().p.to_bytes(256), (2).to_bytes(256))
    assert blinds.blind_sign(key, envelope, random_bytes=source) == blinds.blind_sign(key, envelope)


class FaultyKey:
    """A key whose computation goes wrong in one half, as a faulty processor's does."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self.key = key

    def public_key(self) -> rsa.RSAPublicKey:
        return self.key.public_key()

    def private_numbers(self) -> rsa.RSAPrivateNumbers:
        good = self.key.private_numbers()
        return rsa.RSAPrivateNumbers(good.p, good.q, good.d, good.dmp1 + 1, good.dmq1, good.iqmp, good.public_numbers)


def test_a_computing_fault_never_leaves_the_signer(key: rsa.RSAPrivateKey) -> None:
    envelope = blinds.blind(key.public_key(), b"x").message
    with pytest.raises(BlindSignatureError, match="signing failure"):
        blinds.blind_sign(FaultyKey(key), envelope)  # type: ignore[arg-type]


def test_a_stamp_of_the_wrong_size_is_not_opened(key: rsa.RSAPrivateKey) -> None:
    for stamp in (b"", bytes(255), bytes(257)):
        with pytest.raises(BlindSignatureError, match="unexpected input size"):
            blinds.finalize(key.public_key(), b"x", stamp, 1)


@pytest.mark.parametrize("signature", [b"", b"\0", bytes(256), b"\xff" * 256, bytes(257), bytes(4096)])
def test_verification_answers_no_to_any_bytes(key: rsa.RSAPrivateKey, signature: bytes) -> None:
    assert blinds.verify(key.public_key(), b"x", signature) is False


def test_a_round_key_is_rsa_3072_with_the_usual_exponent() -> None:
    key = blinds.new_key()
    assert (key.key_size, key.public_key().public_numbers().e) == (3072, 65537)
