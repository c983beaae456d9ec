/**
 * Where two messages part: equality for a great many values, with a path instead of two printed trees. Bytes are equal
 * when their bytes are, whatever class holds them, and a property that is undefined is one that is not there.
 */
export function difference(expected: unknown, found: unknown, path: string): string | undefined {
  if (Object.is(expected, found)) return undefined
  const differ = `${path}: expected ${shown(expected)}, found ${shown(found)}`
  if (typeof expected !== 'object' || typeof found !== 'object' || expected === null || found === null) return differ
  if (expected instanceof Uint8Array || found instanceof Uint8Array) {
    const same = expected instanceof Uint8Array && found instanceof Uint8Array && Buffer.compare(expected, found) === 0
    return same ? undefined : differ
  }
  if (Array.isArray(expected) !== Array.isArray(found)) return differ
  if (Array.isArray(expected) && Array.isArray(found) && expected.length !== found.length) return differ
  const others = new Map<string, unknown>(Object.entries(found))
  for (const [name, value] of Object.entries(expected)) {
    const inner = difference(value, others.get(name), Array.isArray(expected) ? `${path}[${name}]` : `${path}.${name}`)
    if (inner !== undefined) return inner
    others.delete(name)
  }
  const extra = [...others].find(([, value]) => value !== undefined)
  return extra === undefined ? undefined : `${path}.${extra[0]}: found ${shown(extra[1])} where nothing was expected`
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes ${Buffer.from(value).toString('hex').slice(0, 40)}`
  if (Array.isArray(value)) return `${value.length} elements`
  return typeof value === 'object' && value !== null ? `{ ${Object.keys(value).join(', ')} }` : String(value)
}
