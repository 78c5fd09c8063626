// Addresses in a build's code: XML namespaces and the error links of Vue's runtime are never fetched.
const HARMLESS = [/^https?:\/\/www\.w3\.org\//, /^https?:\/\/vuejs\.org\//]

/** Outside addresses and DCloud's beacon in a text, as sentences; an address set for this build's own API is allowed. */
export function addressFaults(file, text) {
  const own = process.env.VITE_API_BASE
  const found = [...text.matchAll(/https?:\/\/[\w.-]+[^\s"'`)<>]*/g)].map(([address]) => address)
  const outside = found.filter((address) => !HARMLESS.some((known) => known.test(address)) && !(own && address.startsWith(own)))
  const faults = outside.map((address) => `${file}: outside address ${address}`)
  if (/preloadAssets|99,100,110,49,46|dcloud\.net/.test(text)) faults.push(`${file}: DCloud's beacon is in the build`)
  return faults
}
