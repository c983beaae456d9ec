/**
 * KafkaError, the root of every error that Samsa throws on purpose, and the named classes that users catch.
 */
export interface KafkaErrorOptions {
  /** Kafka's name of the error, or one of ours: stable, meant for `switch`. */
  readonly code: string
  /** The same call may succeed when it is made again. */
  readonly retriable?: boolean
  /** The object that threw cannot go on; close it and make a new one. */
  readonly fatal?: boolean
  /** The transaction must be aborted, after which the producer can go on. */
  readonly abortable?: boolean
  readonly topic?: string | undefined
  readonly partition?: number | undefined
  readonly broker?: string | undefined
  readonly api?: string | undefined
  readonly cause?: unknown
}

export class KafkaError extends Error {
  readonly code: string
  readonly retriable: boolean
  readonly fatal: boolean
  readonly abortable: boolean
  readonly topic: string | undefined
  readonly partition: number | undefined
  readonly broker: string | undefined
  readonly api: string | undefined

  constructor(message: string, options: KafkaErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code
    this.retriable = options.retriable ?? false
    this.fatal = options.fatal ?? false
    this.abortable = options.abortable ?? false
    this.topic = options.topic
    this.partition = options.partition
    this.broker = options.broker
    this.api = options.api
  }
}
