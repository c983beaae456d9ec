/**
 * What every class of Samsa takes from the outside in place of the process's own: time, chance, and where to report. The
 * rows of these options, for any table to spread, and the checks behind them.
 */
import type { Clock } from './clock.js'
import type { Logger } from './logger.js'
import type { Random } from './random.js'

/** For guards of options: what a check at run time can know of an object with methods. */
export function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return (
    typeof value === 'object' && value !== null && names.every(name => typeof Reflect.get(value, name) === 'function')
  )
}

function isClock(value: unknown): value is Clock {
  return hasMethods(value, 'now', 'monotonic', 'timer', 'sleep')
}

function isRandom(value: unknown): value is Random {
  return hasMethods(value, 'next', 'integer', 'bytes', 'fork')
}

function isLogger(value: unknown): value is Logger {
  return hasMethods(value, 'debug', 'info', 'warn', 'error')
}

export const surroundingRows = {
  clock: {
    type: 'object',
    guard: isClock as (value: unknown) => value is Clock,
    optional: true,
    kafka: null,
    text: 'Time, for tests.',
  },
  random: {
    type: 'object',
    guard: isRandom as (value: unknown) => value is Random,
    optional: true,
    kafka: null,
    text: 'Chance, for tests.',
  },
  logger: {
    type: 'object',
    guard: isLogger as (value: unknown) => value is Logger,
    expects: 'a logger, such as a pino instance or `consoleLogger()`',
    optional: true,
    kafka: null,
    text: 'Where to write what an operator may want to know; nowhere when it is left out.',
  },
} as const
