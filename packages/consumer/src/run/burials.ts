/**
 * Burials: sends dead letters, each until it is safe. A send that fails is tried again a few times; when that does not help
 * either, the record stays unfinished, and the run ends.
 */
import { Backoff } from '@samsa/runtime/internal'
import { type DeadLetterOptions, deadLetterOf } from './dead-letter.js'
import { deadLetterFailed } from './handler-error.js'
import type { HandlerTask } from './handler-task.js'
import type { RunHost } from './run-host.js'

const SENDS = 5
const BACKOFF = { initialMs: 200, maxMs: 10_000 }

export class Burials {
  readonly #host: RunHost
  readonly #backoff: Backoff

  constructor(host: RunHost) {
    this.#host = host
    this.#backoff = new Backoff({ ...BACKOFF, random: host.random })
  }

  async bury(task: HandlerTask, error: unknown, deadLetter: DeadLetterOptions): Promise<void> {
    const { logger, clock, groupId } = this.#host
    const { record, attempt: attempts } = task
    const { topic, partition, offset } = record
    for (let sends = 1; ; sends++) {
      try {
        await deadLetter.producer.send(deadLetterOf(deadLetter, { record, error, attempts, groupId }))
        logger.warn({ err: error, topic, partition, offset, attempts }, 'a record went to the dead letters')
        return
      } catch (cause) {
        if (sends >= SENDS || task.work.isAborted) throw deadLetterFailed(task, cause)
        logger.warn({ err: cause, topic, partition, offset, sends }, 'a dead letter could not be sent')
      }
      await clock.sleep(this.#backoff.delayMs(sends), { signal: task.signal })
    }
  }
}
