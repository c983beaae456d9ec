/**
 * ProtocolError: the one error type that decoding throws, whatever bytes it is given, and that encoding throws for a
 * value which the chosen version cannot carry.
 */
import { brandError, KafkaError } from '@samsa/runtime/internal'

export interface ProtocolErrorDetail {
  /** What was being read or written: `FetchResponse`, `record batch`, `lz4 frame`. */
  readonly what: string
  /** Where: a byte offset into the input, or the name of a field. */
  readonly where: number | string
  /** Why it cannot be: one sentence without a final full stop, with the offending values. */
  readonly why: string
  /** Kafka's error name for it, `CORRUPT_MESSAGE` where a checksum or a length inside records is wrong. */
  readonly code?: string
  readonly cause?: unknown
}

export class ProtocolError extends KafkaError {
  readonly what: string
  readonly where: number | string
  readonly why: string

  static {
    brandError(ProtocolError, 'ProtocolError')
  }

  constructor(detail: ProtocolErrorDetail) {
    const place = typeof detail.where === 'number' ? `byte ${detail.where}` : detail.where
    super(`${detail.what} at ${place}: ${detail.why}`, {
      code: detail.code ?? 'PROTOCOL_ERROR',
      cause: detail.cause,
    })
    this.what = detail.what
    this.where = detail.where
    this.why = detail.why
  }
}
