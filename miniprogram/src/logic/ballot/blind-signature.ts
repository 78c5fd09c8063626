import { joined, mask, sha384 } from './sha384'
import { modular, type Modular } from './modular'

/** The voter's side of RSABSSA-SHA384-PSS-Randomized (RFC 9474); services/rules/blind_signatures.py is the signer's. */

/** A secure source: `platform.randomBytes` in the app, wx.getRandomValues behind it. */
export type RandomBytes = (length: number) => Promise<Uint8Array>

export interface Variant { saltBytes: number; isRandomized: boolean }
export const RANDOMIZED: Variant = { saltBytes: 48, isRandomized: true }

/** The round's key; its exponent is 65537 and no other. */
export interface PublicKey { modulus: Uint8Array }
export interface Blinded { message: Uint8Array; inverse: Uint8Array }

/** A step that must not go on. */
export class BlindSignatureError extends Error {}

const HASH = 48
const PREFIX = 32
const SMALLEST = 256

export async function prepare(message: Uint8Array, random: RandomBytes, variant = RANDOMIZED): Promise<Uint8Array> {
  return variant.isRandomized ? joined(await drawn(random, PREFIX), message) : message.slice()
}

/** Puts the encoded message into an envelope: m · r^65537 mod n for a secret random r. */
export async function blind(key: PublicKey, prepared: Uint8Array, random: RandomBytes, variant = RANDOMIZED, field?: Modular): Promise<Blinded> {
  const mod = fieldOf(key, field)
  const salt = variant.saltBytes ? await drawn(random, variant.saltBytes) : new Uint8Array(0)
  const encoded = encode(prepared, key.modulus, salt)
  if (!mod.invert(encoded)) throw new BlindSignatureError('invalid input')
  const factor = await drawnBelow(key.modulus, random)
  const inverse = mod.invert(factor)
  if (!inverse) throw new BlindSignatureError('blinding error')
  return { message: mod.multiply(encoded, publicPower(mod, factor)), inverse }
}

/** Takes the envelope off; only a signature that verifies comes out. */
export function finalize(key: PublicKey, prepared: Uint8Array, blindSignature: Uint8Array, inverse: Uint8Array, variant = RANDOMIZED, field?: Modular): Uint8Array {
  const mod = fieldOf(key, field)
  if (blindSignature.length !== key.modulus.length) throw new BlindSignatureError('unexpected input size')
  if (!isBelow(blindSignature, key.modulus)) throw new BlindSignatureError('invalid signature')
  const signature = mod.multiply(blindSignature, inverse)
  if (!verify(key, prepared, signature, variant, mod)) throw new BlindSignatureError('invalid signature')
  return signature
}

/** Whether the key signed exactly this message; any bytes may be asked about. */
export function verify(key: PublicKey, prepared: Uint8Array, signature: Uint8Array, variant = RANDOMIZED, field?: Modular): boolean {
  const mod = fieldOf(key, field)
  if (signature.length !== key.modulus.length || !isBelow(signature, key.modulus)) return false
  const encoded = publicPower(mod, signature)
  const bits = bitLength(key.modulus) - 1
  const length = Math.ceil(bits / 8)
  const block = encoded.slice(encoded.length - length, encoded.length - HASH - 1)
  const digest = encoded.slice(encoded.length - HASH - 1, encoded.length - 1)
  const opened = xor(block, mask(digest, block.length))
  opened[0]! &= 0xff >> (8 * length - bits)
  const salt = opened.slice(opened.length - variant.saltBytes)
  // Encoding again with the salt found compares every byte at once.
  return same(encoded, encode(prepared, key.modulus, salt))
}

function fieldOf(key: PublicKey, field?: Modular): Modular {
  const last = key.modulus[key.modulus.length - 1] ?? 0
  if (key.modulus.length < SMALLEST || !key.modulus[0] || !(last & 1)) throw new BlindSignatureError('unfit key')
  return field ?? modular(key.modulus)
}

/** value^65537: sixteen squarings and one product. */
function publicPower(mod: Modular, value: Uint8Array): Uint8Array {
  let power = value
  for (let i = 0; i < 16; i++) power = mod.multiply(power, power)
  return mod.multiply(power, value)
}

/** EMSA-PSS-ENCODE of RFC 8017 with SHA-384, led by zeros to the length of the modulus. */
function encode(message: Uint8Array, modulus: Uint8Array, salt: Uint8Array): Uint8Array {
  const bits = bitLength(modulus) - 1
  const length = Math.ceil(bits / 8)
  const digest = sha384(joined(new Uint8Array(8), sha384(message), salt))
  const block = joined(new Uint8Array(length - salt.length - HASH - 2), Uint8Array.of(1), salt)
  const masked = xor(block, mask(digest, block.length))
  masked[0]! &= 0xff >> (8 * length - bits)
  return joined(new Uint8Array(modulus.length - length), masked, digest, Uint8Array.of(0xbc))
}

async function drawn(random: RandomBytes, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await random(length))
  if (bytes.length !== length) throw new BlindSignatureError('random source failed')
  return bytes
}

/** Uniform in 1 … n-1, by drawing again whatever falls outside. */
async function drawnBelow(modulus: Uint8Array, random: RandomBytes): Promise<Uint8Array> {
  for (;;) {
    const bytes = await drawn(random, modulus.length)
    bytes[0]! &= 0xff >> (8 * modulus.length - bitLength(modulus))
    if (bytes.some((byte) => byte) && isBelow(bytes, modulus)) return bytes
  }
}

const bitLength = (bytes: Uint8Array) => 8 * bytes.length - Math.clz32(bytes[0]!) + 24
const xor = (a: Uint8Array, b: Uint8Array) => a.map((byte, i) => byte ^ b[i]!)
const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.reduce((found, byte, i) => found | (byte ^ b[i]!), 0) === 0

function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  const place = a.findIndex((byte, i) => byte !== b[i])
  return place >= 0 && a[place]! < b[place]!
}
