/**
 * A store that does some things otherwise, and the rest as it is.
 */
import type { MemoryStore } from '@samsa/eos'

export function alteredStore(store: MemoryStore, other: Partial<MemoryStore>): MemoryStore {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(other, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
