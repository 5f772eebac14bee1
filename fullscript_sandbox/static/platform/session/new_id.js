/** A random UUID, also where crypto.randomUUID() is kept back: on plain http addresses other than localhost. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] % 16) + 64 // version 4
  bytes[8] = (bytes[8] % 64) + 128 // variant 1
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
