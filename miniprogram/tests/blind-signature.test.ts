// @vitest-environment node
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { blind, BlindSignatureError, finalize, prepare, RANDOMIZED, verify, type RandomBytes } from '@/logic/ballot/blind-signature'
import { withBigInt, withBytes, modular, type Modular } from '@/logic/ballot/modular'
import { mask, sha384 } from '@/logic/ballot/sha384'

type Vector = Record<'name' | 'n' | 'p' | 'msg' | 'msg_prefix' | 'input_msg' | 'salt' | 'inv' | 'blinded_msg' | 'blind_sig' | 'sig', string>
const VECTORS = JSON.parse(fs.readFileSync(path.resolve(__dirname, '../../tests/vectors/rfc9474.json'), 'utf8')) as Vector[]

const bytes = (hex: string, length?: number) => {
  const digits = hex.replace(/^0x/, '')
  const all = Buffer.from(digits.length % 2 ? `0${digits}` : digits, 'hex')
  return Uint8Array.from(length === undefined ? all : Buffer.concat([Buffer.alloc(length), all]).subarray(-length))
}
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')
/** A random source that gives these pieces, each of the length asked for. */
const drawing = (...pieces: Uint8Array[]): RandomBytes => (length) => {
  const piece = pieces.shift()
  return piece?.length === length ? Promise.resolve(piece) : Promise.reject(new Error(`not ${length} bytes`))
}
const variantOf = (vector: Vector) => ({ saltBytes: vector.salt.length / 2, isRandomized: vector.msg_prefix !== '' })
const flipped = (value: Uint8Array) => value.map((byte, i) => (i === value.length - 1 ? byte ^ 1 : byte))

// The arithmetic without BigInt is slow, more so on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

describe('SHA-384', () => {
  it('agrees with the system at every length around its blocks', () => {
    for (let length = 0; length < 300; length++) {
      const message = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255)
      expect(hex(sha384(message))).toBe(createHash('sha384').update(message).digest('hex'))
    }
  })
  it('gives as many bytes of a mask as asked for', () => {
    expect(mask(Uint8Array.of(1), 100).length).toBe(100)
    expect(mask(Uint8Array.of(1), 100).slice(0, 48)).toEqual(sha384(Uint8Array.of(1, 0, 0, 0, 0)))
  })
})

describe.each([['BigInt', withBigInt], ['bytes', withBytes]] as [string, (n: Uint8Array) => Modular][])('arithmetic with %s', (_, make) => {
  it('inverts and multiplies every small number', () => {
    for (const n of [15, 255, 251]) {
      const mod = make(Uint8Array.of(n))
      for (let a = 0; a < n; a++) {
        expect(mod.multiply(Uint8Array.of(a), Uint8Array.of(n - 2))[0]).toBe((a * (n - 2)) % n)
        const inverse = mod.invert(Uint8Array.of(a))
        const expected = Array.from({ length: n }, (_, x) => x).find((x) => (a * x) % n === 1)
        expect(inverse?.[0]).toBe(expected)
      }
    }
  })
  describe.each(VECTORS)('$name', (vector) => {
    const key = { modulus: bytes(vector.n, 512) }
    const [variant, field] = [variantOf(vector), make(key.modulus)]
    const [prepared, signature] = [bytes(vector.input_msg), bytes(vector.sig)]
    it('gives the bytes of the RFC at every step', async () => {
      expect(hex(await prepare(bytes(vector.msg), drawing(bytes(vector.msg_prefix)), variant))).toBe(vector.input_msg)
      const inverse = bytes(vector.inv, 512)
      const factor = withBigInt(key.modulus).invert(inverse)!
      const pieces = [...(vector.salt ? [bytes(vector.salt)] : []), factor]
      const blinded = await blind(key, prepared, drawing(...pieces), variant, field)
      expect(hex(blinded.message)).toBe(vector.blinded_msg)
      expect(hex(blinded.inverse)).toBe(hex(inverse))
      expect(hex(finalize(key, prepared, bytes(vector.blind_sig), inverse, variant, field))).toBe(vector.sig)
      expect(verify(key, prepared, signature, variant, field)).toBe(true)
    })
    it('does not verify with anything changed', () => {
      expect(verify(key, Uint8Array.of(...prepared, 0), signature, variant, field)).toBe(false)
      expect(verify(key, prepared, flipped(signature), variant, field)).toBe(false)
      expect(verify(key, prepared, signature, { ...variant, saltBytes: 48 - variant.saltBytes }, field)).toBe(false)
      expect(() => finalize(key, prepared, flipped(bytes(vector.blind_sig)), bytes(vector.inv, 512), variant, field)).toThrow('invalid signature')
    })
  })
})

describe('what must not pass', () => {
  const [vector] = VECTORS as [Vector]
  const key = { modulus: bytes(vector.n, 512) }
  const [prepared, inverse] = [bytes(vector.input_msg), bytes(vector.inv, 512)]

  it('is a signature of the wrong length or beyond the modulus', () => {
    for (const signature of [new Uint8Array(0), new Uint8Array(511), new Uint8Array(513), new Uint8Array(512), key.modulus, new Uint8Array(512).fill(255)])
      expect(verify(key, prepared, signature)).toBe(false)
    expect(() => finalize(key, prepared, new Uint8Array(511), inverse)).toThrow('unexpected input size')
    expect(() => finalize(key, prepared, key.modulus, inverse)).toThrow('invalid signature')
  })
  it('is a key that is short, even, or led by a zero', async () => {
    const even = { modulus: flipped(key.modulus) }
    const led = { modulus: Uint8Array.of(0, ...key.modulus) }
    for (const unfit of [even, led, { modulus: key.modulus.slice(-255) }, { modulus: new Uint8Array(0) }])
      await expect(blind(unfit, prepared, drawing())).rejects.toThrow('unfit key')
  })
  it('is a blinding factor that shares a prime with the modulus', async () => {
    await expect(blind(key, prepared, drawing(new Uint8Array(48), bytes(vector.p, 512)))).rejects.toThrow('blinding error')
  })
  it('is a draw of nothing or beyond the modulus: it is drawn again', async () => {
    const [two, over] = [bytes('02', 512), new Uint8Array(512).fill(255)]
    const blinded = await blind(key, prepared, drawing(new Uint8Array(48), new Uint8Array(512), over, key.modulus, two))
    expect(withBigInt(key.modulus).multiply(blinded.inverse, two)).toEqual(bytes('01', 512))
  })
  it('is a random source that fails or gives too little', async () => {
    await expect(prepare(prepared, () => Promise.reject(new Error('no source')))).rejects.toThrow('no source')
    await expect(prepare(prepared, () => Promise.resolve(new Uint8Array(31)))).rejects.toThrow(BlindSignatureError)
  })
  it('blinds the same message differently each time', async () => {
    const random: RandomBytes = (length) => Promise.resolve(crypto.getRandomValues(new Uint8Array(length)))
    const [first, second] = [await blind(key, prepared, random), await blind(key, prepared, random)]
    expect(hex(first.message)).not.toBe(hex(second.message))
    expect((await prepare(prepared, random, RANDOMIZED)).length).toBe(prepared.length + 32)
  })
  it('works on an engine without BigInt', () => {
    const kept = globalThis.BigInt
    try {
      Object.assign(globalThis, { BigInt: undefined })
      expect(modular(Uint8Array.of(15)).multiply(Uint8Array.of(7), Uint8Array.of(8))).toEqual(Uint8Array.of(11))
    } finally {
      Object.assign(globalThis, { BigInt: kept })
    }
  })
  it('never draws from Math.random', () => {
    const folder = path.resolve(__dirname, '../src/logic/ballot')
    const texts = fs.readdirSync(folder).map((file) => fs.readFileSync(path.join(folder, file), 'utf8'))
    expect(texts.length).toBe(3)
    expect(texts.join('')).not.toContain('Math.random')
    expect(texts.join('')).not.toMatch(/\b\d+n\b/)
  })
})
