/** The types of `schemes.mjs`. */
import type { ClientOptions } from '@samsa/client'
import type { HistoryRecorder } from '@samsa/eos/history'
import type { FailpointName } from '@samsa/eos/internal'
import type { Bank } from './banks.mjs'

/** What one life of a process has. */
export interface Life {
  readonly client: ClientOptions
  readonly topic: string
  /** How many records the topic has. */
  readonly count: number
  readonly store: object | undefined
  readonly bank: Bank | undefined
  /** What the scheme leaves behind to be closed. */
  readonly closing: ((options: { readonly timeoutMs?: number }) => Promise<void>)[]
  /** Writes down what loops do. */
  readonly history?: HistoryRecorder | undefined
  /** Where claims are, if not in the store. */
  readonly leases?: object | undefined
  /** Duplicates that are being noted. */
  readonly noting: Promise<unknown>[]
}

export interface Scheme {
  readonly steps: readonly FailpointName[]
  /** Kinds; `kafka` where it needs none. */
  readonly stores: readonly string[]
  /** Whether each transfer is done once, or each record of one. Default: transfer. */
  readonly unit?: 'transfer' | 'record'
  /** Besides the bank, or in its place: a topic that has each leg once, or at least once. */
  readonly results?: 'topic' | 'repeated topic'
  /** Transfers that no handler can do: they must come to the dead letters, and nothing else must. */
  isPoison?(transfer: { readonly number: number }): boolean
  run(life: Life): Promise<void>
}

export const schemes: Readonly<Record<string, Scheme>>
export function legsTopic(topic: string): string
export function deadTopic(topic: string): string
export function laterTopic(topic: string): string
export function until(
  loop: { run(options: { readonly signal: AbortSignal }): Promise<void> },
  isWhole: () => Promise<boolean>,
): Promise<void>
