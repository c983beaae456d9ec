/**
 * What Samsa needs of a logger: six methods that take fields and a sentence. A pino instance is one as it is;
 * `consoleLogger` makes one of a console. Without a logger nothing is written.
 */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** Fields first, with the error under `err` where there is one; then a sentence that stays the same for every case. */
export type LogMethod = (fields: object, message: string) => void

export interface Logger {
  readonly trace: LogMethod
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  readonly fatal: LogMethod
  /** A logger that adds the fields to everything; where there is none, `childLogger` does it. */
  child?(fields: Record<string, unknown>): Logger
}

/** Least to most pressing. */
export const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** Writes nothing. */
export const silentLogger: Logger = loggerOf(() => ignore)

/** The part of a console that is written to. */
export interface ConsoleLike {
  debug(...values: unknown[]): void
  info(...values: unknown[]): void
  warn(...values: unknown[]): void
  error(...values: unknown[]): void
}

export interface ConsoleLoggerOptions {
  /** Everything below it is left out. Default: `warn`. */
  readonly level?: LogLevel | undefined
  /** Default: the global console. */
  readonly console?: ConsoleLike | undefined
}

/** Writes the sentence and then the fields. Warnings and errors go to standard error, as a console does. */
export function consoleLogger(options: ConsoleLoggerOptions = {}): Logger {
  const target = options.console ?? console
  const least = logLevels.indexOf(options.level ?? 'warn')
  const methods = {
    trace: 'debug',
    debug: 'debug',
    info: 'info',
    warn: 'warn',
    error: 'error',
    fatal: 'error',
  } as const
  return loggerOf(level => {
    if (logLevels.indexOf(level) < least) return ignore
    const method = methods[level]
    return (fields, message) => target[method](`${level}: ${message}`, fields)
  })
}

/** The logger's own child, or for a logger that has none one that adds the fields itself. */
export function childLogger(logger: Logger, fields: Record<string, unknown>): Logger {
  if (logger.child !== undefined) return logger.child(fields)
  if (logger === silentLogger) return logger
  return loggerOf(level => (own, message) => logger[level]({ ...fields, ...own }, message))
}

function loggerOf(method: (level: LogLevel) => LogMethod): Logger {
  return {
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    fatal: method('fatal'),
  }
}

function ignore(): void {}
