/**
 * The row of a broker config, in the order of its columns.
 */
import type { ConfigRule, ConfigType } from '../config-definition.js'

/** Whether a config can be changed while the broker runs: not at all, for the one broker, or for all of them as well. */
export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide'

export type BrokerConfigRow = readonly [
  name: string,
  type: ConfigType,
  defaultValue: string | null,
  mode: UpdateMode,
  documentation: string,
  rule?: ConfigRule,
]
