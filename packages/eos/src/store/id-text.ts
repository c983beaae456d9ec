/**
 * Several parts as one text that no other parts make.
 */

export function idText(...parts: readonly unknown[]): string {
  return JSON.stringify(parts, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}
