/**
 * What a call on several topics fails with: each topic's own error, and what came of the others.
 */
import { KafkaError } from '@samsa/runtime'
import { brandError } from '@samsa/runtime/internal'

/** Most topics that the message names. */
const MOST_NAMED = 10

/** Some topics failed: look at `errors`. `code`, `topic` and `cause` are those of the first. */
export class TopicsError extends KafkaError {
  /** By the topic's name. */
  declare readonly errors: ReadonlyMap<string, KafkaError>
  /** What the call would have given for the topics that did not fail. */
  declare readonly succeeded: readonly unknown[]

  static {
    brandError(TopicsError, 'TopicsError')
  }

  constructor(api: string, errors: ReadonlyMap<string, KafkaError>, succeeded: readonly unknown[]) {
    const all = [...errors]
    const lines = all.slice(0, MOST_NAMED).map(([topic, error]) => `${topic}: ${error.message}`)
    if (all.length > MOST_NAMED) lines.push(`and ${all.length - MOST_NAMED} more`)
    const [topic, first] = all[0] ?? ['', undefined]
    const retriable = all.every(([, error]) => error.retriable)
    super(lines.join('; '), { code: first?.code ?? 'UNKNOWN_SERVER_ERROR', retriable, topic, api, cause: first })
    // Not shown where the error is printed: the message has said it.
    Object.defineProperty(this, 'errors', { value: errors })
    Object.defineProperty(this, 'succeeded', { value: succeeded })
  }
}
