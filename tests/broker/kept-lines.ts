/**
 * A logger that keeps what it is told, as lines that a test can look through.
 */
import type { Logger, LogLevel, LogMethod } from '@samsa/runtime'

export interface KeptLines {
  readonly logger: Logger
  /** `level text fields`, errors by their message. */
  readonly lines: string[]
}

export function keptLines(): KeptLines {
  const lines: string[] = []
  const keep =
    (level: LogLevel): LogMethod =>
    (fields, message) => {
      const told = JSON.stringify(fields, (_, value) => (value instanceof Error ? value.message : value))
      lines.push(`${level} ${message} ${told}`)
    }
  const [trace, debug, info, warn] = [keep('trace'), keep('debug'), keep('info'), keep('warn')]
  return { logger: { trace, debug, info, warn, error: keep('error'), fatal: keep('fatal') }, lines }
}
