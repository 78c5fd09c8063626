/** SHA-384 and MGF1: WeChat's engine has no WebCrypto. 64-bit words are pairs of 32-bit halves, so no BigInt is needed. */

// Fractional parts of the cube roots of the first eighty primes (FIPS 180-4), high and low halves in turn.
const K = Uint32Array.from(
  (
    '428a2f98d728ae227137449123ef65cdb5c0fbcfec4d3b2fe9b5dba58189dbbc3956c25bf348b53859f111f1b605d019923f82a4af194f9bab1c5ed5da6d8118' +
    'd807aa98a303024212835b0145706fbe243185be4ee4b28c550c7dc3d5ffb4e272be5d74f27b896f80deb1fe3b1696b19bdc06a725c71235c19bf174cf692694' +
    'e49b69c19ef14ad2efbe4786384f25e30fc19dc68b8cd5b5240ca1cc77ac9c652de92c6f592b02754a7484aa6ea6e4835cb0a9dcbd41fbd476f988da831153b5' +
    '983e5152ee66dfaba831c66d2db43210b00327c898fb213fbf597fc7beef0ee4c6e00bf33da88fc2d5a79147930aa72506ca6351e003826f142929670a0e6e70' +
    '27b70a8546d22ffc2e1b21385c26c9264d2c6dfc5ac42aed53380d139d95b3df650a73548baf63de766a0abb3c77b2a881c2c92e47edaee692722c851482353b' +
    'a2bfe8a14cf10364a81a664bbc423001c24b8b70d0f89791c76c51a30654be30d192e819d6ef5218d69906245565a910f40e35855771202a106aa07032bbd1b8' +
    '19a4c116b8d2d0c81e376c085141ab532748774cdf8eeb9934b0bcb5e19b48a8391c0cb3c5c95a634ed8aa4ae3418acb5b9cca4f7763e373682e6ff3d6b2b8a3' +
    '748f82ee5defb2fc78a5636f43172f6084c87814a1f0ab728cc702081a6439ec90befffa23631e28a4506cebde82bde9bef9a3f7b2c67915c67178f2e372532b' +
    'ca273eceea26619cd186b8c721c0c207eada7dd6cde0eb1ef57d4f7fee6ed17806f067aa72176fba0a637dc5a2c898a6113f9804bef90dae1b710b35131c471b' +
    '28db77f523047d8432caab7b40c724933c9ebe0a15c9bebc431d67c49c100d4c4cc5d4becb3e42b6597f299cfc657e2a5fcb6fab3ad6faec6c44198c4a475817'
  ).match(/.{8}/g)!,
  (word) => parseInt(word, 16),
)
const START = Uint32Array.from(
  'cbbb9d5dc1059ed8629a292a367cd5079159015a3070dd17152fecd8f70e593967332667ffc00b318eb44a8768581511db0c2e0d64f98fa747b5481dbefa4fa4'.match(/.{8}/g)!,
  (word) => parseInt(word, 16),
)

/** The high half of a 64-bit word turned right by n (1 to 63, not 32); the low one comes with the halves swapped. */
const turn = (high: number, low: number, n: number) => (n < 32 ? (high >>> n) | (low << (32 - n)) : (low >>> (n - 32)) | (high << (64 - n)))

function padded(message: Uint8Array): Uint32Array {
  const bytes = new Uint8Array(Math.ceil((message.length + 17) / 128) * 128)
  bytes.set(message)
  bytes[message.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setUint32(bytes.length - 8, Math.floor(message.length / 0x20000000))
  view.setUint32(bytes.length - 4, (message.length << 3) >>> 0)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4))
}

/** words[at] = the sum of pairs of halves, modulo 2^64. */
function put(words: Uint32Array, at: number, ...halves: number[]) {
  let low = 0
  let high = 0
  for (let i = 0; i < halves.length; i += 2) {
    high += halves[i]! >>> 0
    low += halves[i + 1]! >>> 0
  }
  words[at] = (high + Math.floor(low / 0x100000000)) >>> 0
  words[at + 1] = low >>> 0
}

function schedule(words: Uint32Array, w: Uint32Array) {
  w.set(words)
  for (let t = 32; t < 160; t += 2) {
    const [ah, al, bh, bl] = [w[t - 30]!, w[t - 29]!, w[t - 4]!, w[t - 3]!]
    put(w, t, w[t - 32]!, w[t - 31]!, w[t - 14]!, w[t - 13]!,
      turn(ah, al, 1) ^ turn(ah, al, 8) ^ (ah >>> 7), turn(al, ah, 1) ^ turn(al, ah, 8) ^ ((al >>> 7) | (ah << 25)),
      turn(bh, bl, 19) ^ turn(bh, bl, 61) ^ (bh >>> 6), turn(bl, bh, 19) ^ turn(bl, bh, 61) ^ ((bl >>> 6) | (bh << 26)))
  }
}

function compress(state: Uint32Array, w: Uint32Array) {
  const s = state.slice()
  const first = new Uint32Array(2)
  for (let t = 0; t < 160; t += 2) {
    const [ah, al, bh, bl, ch, cl] = s as unknown as number[]
    const [eh, el, fh, fl, gh, gl, hh, hl] = s.subarray(8) as unknown as number[]
    put(first, 0, hh!, hl!, K[t]!, K[t + 1]!, w[t]!, w[t + 1]!,
      turn(eh!, el!, 14) ^ turn(eh!, el!, 18) ^ turn(eh!, el!, 41), turn(el!, eh!, 14) ^ turn(el!, eh!, 18) ^ turn(el!, eh!, 41),
      (eh! & fh!) ^ (~eh! & gh!), (el! & fl!) ^ (~el! & gl!))
    s.copyWithin(2, 0, 14)
    put(s, 8, s[8]!, s[9]!, first[0]!, first[1]!)
    put(s, 0, first[0]!, first[1]!,
      turn(ah!, al!, 28) ^ turn(ah!, al!, 34) ^ turn(ah!, al!, 39), turn(al!, ah!, 28) ^ turn(al!, ah!, 34) ^ turn(al!, ah!, 39),
      (ah! & bh!) ^ (ah! & ch!) ^ (bh! & ch!), (al! & bl!) ^ (al! & cl!) ^ (bl! & cl!))
  }
  for (let i = 0; i < 16; i += 2) put(state, i, state[i]!, state[i + 1]!, s[i]!, s[i + 1]!)
}

export function sha384(message: Uint8Array): Uint8Array {
  const [state, w, words] = [START.slice(), new Uint32Array(160), padded(message)]
  for (let at = 0; at < words.length; at += 32) {
    schedule(words.subarray(at, at + 32), w)
    compress(state, w)
  }
  const out = new DataView(new ArrayBuffer(48))
  for (let i = 0; i < 12; i++) out.setUint32(i * 4, state[i]!)
  return new Uint8Array(out.buffer)
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** MGF1 with SHA-384. */
export function mask(seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 48) }, (_, i) => sha384(joined(seed, Uint8Array.of(0, 0, i >> 8, i & 255))))
  return joined(...blocks).slice(0, length)
}
