/**
 * ProduceTurns: the Produce requests of a connection write in the order in which they came, as a producer counts on whose
 * batches are numbered, also where one of them must wait before it may write. Owner of who waits.
 */
import type { ConnectionInfo } from '../server/context.js'

/** Wrapped: the answer may have to wait for a disk, and the next request's turn does not. */
export interface Written<Answer> {
  readonly answer: Answer | Promise<Answer>
}

export class ProduceTurns {
  /** The last request of a connection that has not written yet, where there is one. */
  readonly #last = new WeakMap<ConnectionInfo, Promise<unknown>>()

  /** Whether a request of the connection has still to write. */
  isBusy(connection: ConnectionInfo): boolean {
    return this.#last.has(connection)
  }

  /** Writes at once, or behind those of the connection that came before. */
  take<Answer>(
    connection: ConnectionInfo,
    write: () => Written<Answer> | Promise<Written<Answer>>,
  ): Answer | Promise<Answer> {
    const before = this.#last.get(connection)
    const written = before === undefined ? write() : before.then(write, write)
    if (!(written instanceof Promise)) return written.answer
    this.#last.set(connection, written)
    const end = (): void => {
      if (this.#last.get(connection) === written) this.#last.delete(connection)
    }
    written.then(end, end)
    return written.then(({ answer }) => answer)
  }
}
