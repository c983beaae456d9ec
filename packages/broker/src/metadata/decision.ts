/**
 * Decision: what the controller makes of a request: records to append, and what to answer. And Refusal, one item's error
 * as answers carry it.
 */
import { errorByName } from '@samsa/protocol'
import type { MetadataRecord } from './metadata-records.js'

export interface Decision<Result> {
  readonly records: readonly MetadataRecord[]
  readonly result: Result
}

/** An error code by number, and the sentence that goes with it. */
export interface Refusal {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export const accepted: Refusal = { errorCode: 0, errorMessage: null }

export function refusal(name: string, errorMessage: string | null = null): Refusal {
  return { errorCode: errorByName(name)?.code ?? -1, errorMessage }
}

export function isRefusal(value: object): value is Refusal {
  return 'errorCode' in value && value.errorCode !== 0
}

/** The value of a config is a text of Kafka's short kind, so no longer one is taken. */
export const LONGEST_CONFIG_VALUE = 32_767

export const tooLong: Refusal = refusal(
  'INVALID_CONFIG',
  `The configuration value cannot be added because it exceeds the maximum value size of ${LONGEST_CONFIG_VALUE} bytes.`,
)
