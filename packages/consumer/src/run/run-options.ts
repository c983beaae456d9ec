/**
 * The options of `consumer.run()`.
 */
import type { ConfigOf, ConfigTable, InputOf } from '@samsa/runtime'
import { configTable } from '@samsa/runtime/internal'
import { type DeadLetterOptions, isDeadLetterOptions } from './dead-letter.js'
import { type RetryOptions, retryComplaint } from './failure-policy.js'

const ROWS = {
  concurrency: {
    type: 'integer',
    min: 1,
    max: 100_000,
    kafka: null,
    default: 1,
    text: 'The most handlers that run at once. A pause between two attempts takes none of them.',
  },
  orderBy: {
    type: 'enum',
    values: ['partition', 'key', 'none'],
    kafka: null,
    default: 'partition',
    text: 'What is handled one after another, in the order of its offsets: each partition, each key within a partition (records without a key have no order), or nothing.',
  },
  maxPendingRecords: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    kafka: null,
    default: 500,
    text: 'The most records of one partition that are taken and not yet behind its commit point; above it nothing more is taken of that partition, until half of them are done.',
  },
  drainTimeoutMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    kafka: null,
    default: 30_000,
    text: 'How long handlers may go on when their partition is revoked, or the run ends, before their signal is aborted and they are given up.',
  },
  retry: {
    type: 'object',
    expects: '{ attempts, initialMs, maxMs, multiplier, jitter, retryIf }, each of which may be left out',
    guard: (() => true) as unknown as (value: unknown) => value is RetryOptions,
    check: retryComplaint as (value: object) => string | undefined,
    optional: true,
    kafka: null,
    text: 'How often a handler that fails is tried again, in place, and with what pauses; without it, not at all.',
  },
  deadLetter: {
    type: 'object',
    expects: '{ producer, topic }: an object with a method send, and the name of a topic or a function that gives it',
    guard: isDeadLetterOptions as (value: unknown) => value is DeadLetterOptions,
    optional: true,
    kafka: null,
    text: 'Where records go whose handler has failed for good; without it such a failure ends the run.',
  },
  signal: {
    type: 'object',
    expects: 'an AbortSignal',
    guard: isSignal as (value: unknown) => value is AbortSignal,
    optional: true,
    kafka: null,
    text: 'Ends the run: nothing more is taken, handlers finish, what is finished is committed, and run() resolves.',
  },
} as const

function isSignal(value: unknown): value is AbortSignal {
  return value instanceof AbortSignal
}

export type RunRows = typeof ROWS

export const runOptions: ConfigTable<RunRows> = configTable({ name: 'run', rows: ROWS })

export type RunOptions = InputOf<RunRows>
export type RunConfig = ConfigOf<RunRows>
