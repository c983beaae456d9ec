/**
 * VersionError: a record that was built on another state than the one that is there.
 */
import { KafkaError, type KafkaErrorDetail } from '@samsa/runtime'
import { brandError } from '@samsa/runtime/internal'

/** Why nothing was applied. */
export type VersionMiss = 'stale' | 'gap' | 'conflict'

/**
 * `stale`: applied before, or overtaken. `gap`: something before it has not come yet; retriable. `conflict`: another record was
 * built on the same state and was first.
 */
export class VersionError extends KafkaError {
  declare readonly outcome: VersionMiss

  static {
    brandError(VersionError, 'VersionError')
  }

  constructor(message: string, outcome: VersionMiss, detail: KafkaErrorDetail = {}) {
    const code = `VERSION_${outcome.toUpperCase()}`
    super(message, { retriable: outcome === 'gap', ...detail, code })
    this.outcome = outcome
  }
}
