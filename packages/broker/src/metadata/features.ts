/**
 * Features: the named levels that a cluster agrees on, and which of them this broker understands. A fact sheet.
 */
import { METADATA_VERSION } from './metadata-records.js'
import { KRAFT_VERSION } from './quorum-records.js'

export interface Feature {
  readonly name: string
  readonly min: number
  readonly max: number
  /** The level that a new cluster gets; 0 for none. kraft.version has its own record. */
  readonly initial: number
}

/** What this broker understands, as Kafka 4.3 says it of itself. */
export const supportedFeatures: readonly Feature[] = [
  { name: 'metadata.version', min: 7, max: METADATA_VERSION, initial: METADATA_VERSION },
  { name: 'eligible.leader.replicas.version', min: 0, max: 1, initial: 1 },
  { name: 'group.version', min: 0, max: 1, initial: 1 },
  { name: 'share.version', min: 0, max: 1, initial: 1 },
  { name: 'streams.version', min: 0, max: 1, initial: 1 },
  { name: 'transaction.version', min: 0, max: 2, initial: 2 },
  { name: 'kraft.version', min: 0, max: KRAFT_VERSION, initial: 0 },
]
