import { describe, expect, test } from 'vitest'
import { type ConsoleLike, childLogger, consoleLogger, type Logger, logLevels, silentLogger } from './logger.js'

function fakeConsole(): { console: ConsoleLike; lines: unknown[][] } {
  const lines: unknown[][] = []
  const write =
    (method: string) =>
    (...values: unknown[]): void =>
      void lines.push([method, ...values])
  return { console: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }, lines }
}

function logAll(logger: Logger): void {
  for (const level of logLevels) logger[level]({ topic: 'orders' }, 'said')
}

describe('the console logger', () => {
  test('writes warnings and worse by default', () => {
    const { console, lines } = fakeConsole()
    logAll(consoleLogger({ console }))
    expect(lines).toEqual([
      ['warn', 'warn: said', { topic: 'orders' }],
      ['error', 'error: said', { topic: 'orders' }],
      ['error', 'fatal: said', { topic: 'orders' }],
    ])
  })

  test('writes all from the level that it is given', () => {
    const { console, lines } = fakeConsole()
    logAll(consoleLogger({ console, level: 'trace' }))
    expect(lines.map(([method]) => method)).toEqual(['debug', 'debug', 'info', 'warn', 'error', 'error'])
  })
})

describe('a child', () => {
  test('adds its fields where the logger has no children of its own; the record wins over the child', () => {
    const { console, lines } = fakeConsole()
    const child = childLogger(childLogger(consoleLogger({ console }), { clientId: 'a', topic: 'none' }), {
      groupId: 'g',
    })
    child.warn({ topic: 'orders' }, 'said')
    expect(lines).toEqual([['warn', 'warn: said', { clientId: 'a', groupId: 'g', topic: 'orders' }]])
  })

  test('is the logger’s own where it has some', () => {
    const asked: unknown[] = []
    const own: Logger = { ...silentLogger }
    const parent: Logger = {
      ...silentLogger,
      child: fields => {
        asked.push(fields)
        return own
      },
    }
    expect(childLogger(parent, { clientId: 'a' })).toBe(own)
    expect(asked).toEqual([{ clientId: 'a' }])
  })

  test('of the silent logger is the silent logger', () => {
    expect(childLogger(silentLogger, { clientId: 'a' })).toBe(silentLogger)
    logAll(silentLogger)
  })
})
