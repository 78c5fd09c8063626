/**
 * The few operations modulo n that a blind signature needs, on big-endian bytes as long as n.
 * BigInt where the engine has it; else slow arithmetic on bytes (engines before iOS 14 and old Androids).
 */
export interface Modular {
  /** a · b mod n. */
  multiply(a: Uint8Array, b: Uint8Array): Uint8Array
  /** The x with a · x = 1 mod n; null where a shares a factor with n. */
  invert(a: Uint8Array): Uint8Array | null
}

export function modular(n: Uint8Array): Modular {
  return typeof BigInt === 'function' ? withBigInt(n) : withBytes(n)
}

// BigInt(0) and not its literal, which would keep engines without it from reading this file at all.
export function withBigInt(n: Uint8Array): Modular {
  const [zero, one, modulus] = [BigInt(0), BigInt(1), toBigInt(n)]
  const bytes = (value: bigint) => Uint8Array.from(value.toString(16).padStart(n.length * 2, '0').match(/../g)!, (pair) => parseInt(pair, 16))
  return {
    multiply: (a, b) => bytes((toBigInt(a) * toBigInt(b)) % modulus),
    invert(a) {
      let [r, nextR, t, nextT] = [modulus, toBigInt(a) % modulus, zero, one]
      while (nextR > zero) {
        const quotient = r / nextR
        ;[r, nextR] = [nextR, r - quotient * nextR]
        ;[t, nextT] = [nextT, t - quotient * nextT]
      }
      return r === one ? bytes(t < zero ? t + modulus : t) : null
    },
  }
}

const toBigInt = (bytes: Uint8Array) => BigInt('0x' + (Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') || '0'))

/** Numbers as digits of 16 bits, lowest first, one digit longer than n so that a doubling fits. */
type Digits = Uint32Array

export function withBytes(n: Uint8Array): Modular {
  const size = Math.ceil(n.length / 2) + 1
  const modulus = toDigits(n, size)
  const zero = new Uint32Array(size)
  const one = toDigits(Uint8Array.of(1), size)

  function reduced(value: Digits): Digits {
    if (compare(value, modulus) >= 0) subtract(value, modulus)
    return value
  }

  /** value / 2 mod n: n is odd, so an odd value becomes even by adding it. */
  function halve(value: Digits) {
    if (value[0]! & 1) add(value, modulus)
    shiftRight(value)
  }

  return {
    multiply(a, b) {
      const factor = toDigits(b, size)
      const sum = zero.slice()
      for (const byte of a) {
        for (let bit = 7; bit >= 0; bit--) {
          add(sum, sum)
          reduced(sum)
          if ((byte >> bit) & 1) reduced(add(sum, factor))
        }
      }
      return toBytes(sum, n.length)
    },
    // The binary algorithm: a · x = u and a · y = v mod n hold all the way; u and v shrink to the common factor.
    invert(a) {
      const [u, v, x, y] = [toDigits(a, size), modulus.slice(), one.slice(), zero.slice()]
      while (compare(u, zero) !== 0) {
        while (!(u[0]! & 1)) {
          shiftRight(u)
          halve(x)
        }
        if (compare(u, v) < 0) swap([u, x], [v, y])
        subtract(u, v)
        if (compare(x, y) < 0) add(x, modulus)
        subtract(x, y)
      }
      return compare(v, one) === 0 ? toBytes(y, n.length) : null
    },
  }
}

function toDigits(bytes: Uint8Array, size: number): Digits {
  const digits = new Uint32Array(size)
  for (let i = 0; i < bytes.length; i++) digits[i >> 1]! |= bytes[bytes.length - 1 - i]! << (i & 1 ? 8 : 0)
  return digits
}

const toBytes = (digits: Digits, length: number) =>
  Uint8Array.from({ length }, (_, i) => (digits[(length - 1 - i) >> 1]! >> ((length - 1 - i) & 1 ? 8 : 0)) & 255)

function compare(a: Digits, b: Digits): number {
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

function add(a: Digits, b: Digits): Digits {
  let carry = 0
  for (let i = 0; i < a.length; i++) {
    carry += a[i]! + b[i]!
    a[i] = carry & 0xffff
    carry >>>= 16
  }
  return a
}

function subtract(a: Digits, b: Digits) {
  let borrow = 0
  for (let i = 0; i < a.length; i++) {
    borrow = a[i]! - b[i]! + borrow
    a[i] = borrow & 0xffff
    borrow >>= 16
  }
}

function shiftRight(a: Digits) {
  for (let i = 0; i < a.length; i++) a[i] = (a[i]! >>> 1) | (((a[i + 1] ?? 0) & 1) << 15)
}

function swap(these: Digits[], those: Digits[]) {
  these.forEach((one, i) => {
    const kept = one.slice()
    one.set(those[i]!)
    those[i]!.set(kept)
  })
}
