/**
 * MemoryTx: what a handler writes in a transaction of the memory store, and the undoing of it. Values are copied on their way
 * in and out, so that nothing changes past the transaction.
 */
import { transactionIsOver } from '../store/store-error.js'

export class MemoryTx {
  readonly #values: Map<string, unknown>
  readonly #undo: (() => void)[] = []
  #isOver = false

  constructor(values: Map<string, unknown>) {
    this.#values = values
  }

  get<T>(key: string): T | undefined {
    this.#check()
    return structuredClone(this.#values.get(key)) as T | undefined
  }

  set(key: string, value: unknown): void {
    this.write(this.#values, key, structuredClone(value))
  }

  delete(key: string): void {
    this.write(this.#values, key, undefined)
  }

  /** For the store's own maps; undefined removes. */
  write<Entry>(map: Map<string, Entry>, key: string, entry: Entry | undefined): void {
    this.#check()
    const before = map.get(key)
    this.#undo.push(() => put(map, key, before))
    put(map, key, entry)
  }

  end(isCommitted: boolean): void {
    this.#isOver = true
    if (!isCommitted) for (const undo of this.#undo.reverse()) undo()
  }

  #check(): void {
    if (this.#isOver) throw transactionIsOver()
  }
}

function put<Entry>(map: Map<string, Entry>, key: string, entry: Entry | undefined): void {
  if (entry === undefined) map.delete(key)
  else map.set(key, entry)
}
