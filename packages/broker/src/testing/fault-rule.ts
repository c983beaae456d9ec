/**
 * What a fault is: which requests it strikes, how often, and what happens to them; and the checks on what a test has
 * written, so that a rule that could never strike is refused when it is added.
 */
import { apis, errorCodes } from '@samsa/protocol'
import { ConfigError } from '@samsa/runtime'
import { nearestName } from '@samsa/runtime/internal'

/** Which requests are struck: those of which all that is given is true. */
export interface FaultFilter {
  /** Kafka's name of the API: `Produce`, `JoinGroup`. */
  readonly api?: string | undefined
  /** The node that is asked. */
  readonly nodeId?: number | undefined
  /** What the client calls itself (`client.id`). */
  readonly clientId?: string | undefined
  /** A topic that the request names, or that its fetch session has. */
  readonly topic?: string | undefined
  /** A partition of that topic. */
  readonly partition?: number | undefined
  /** How many requests are struck. Default: 1; `Infinity`: all, until the fault is removed. */
  readonly times?: number | undefined
}

/** All that may happen to a request; a rule has one of them. */
interface Effects {
  /**
   * Kafka's name of the error that is answered, in the API's own form. Where a topic is given, or partitions are what the API is
   * about, the others that the request names are really handled.
   */
  readonly error: string
  /** The connection ends: before the request is handled, or after that and before its answer. */
  readonly disconnect: 'before' | 'after'
  /** The request is handled so much later, by the broker's clock. */
  readonly delayMs: number
  /** The request is handled and never answered, and neither is any that follows it on its connection. */
  readonly drop: true
  /** The request is handled twice, and answered once. */
  readonly duplicate: true
  /** The request is not handled until the fault lets it go. */
  readonly hold: true
}

type EffectName = keyof Effects

type OneEffect<Name extends EffectName> = { readonly [Key in Name]: Effects[Name] } & {
  readonly [Key in Exclude<EffectName, Name>]?: undefined
} & (Name extends 'error'
    ? {
        /** The work is done, and then the error is answered. */
        readonly after?: boolean | undefined
      }
    : { readonly after?: undefined })

export type FaultEffect = { [Name in EffectName]: OneEffect<Name> }[EffectName]

type Where =
  | { readonly topic?: undefined; readonly partition?: undefined }
  | { readonly topic: string; readonly partition?: number | undefined }

export type FaultRule = Omit<FaultFilter, 'topic' | 'partition'> & Where & FaultEffect

/** A rule that holds requests back. */
export type HoldRule = Extract<FaultRule, { readonly hold: true }>

const effectNames: readonly EffectName[] = ['error', 'disconnect', 'delayMs', 'drop', 'duplicate', 'hold']
const filterNames: readonly (keyof FaultFilter)[] = ['api', 'nodeId', 'clientId', 'topic', 'partition', 'times']
const known: readonly string[] = [...effectNames, ...filterNames, 'after']

/** Throws a ConfigError that says what is wrong with a rule. */
export function checkFaultRule(rule: FaultRule): void {
  for (const name of Object.keys(rule)) {
    if (!known.includes(name)) throw wrong(`${name}: unknown${suggestion(name, known)}`)
  }
  const given = effectNames.filter(name => rule[name] !== undefined)
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none is given' : `${given.join(' and ')} are given`
    throw wrong(`one of ${effectNames.join(', ')} must say what happens, and ${found}`)
  }
  checkFilter(rule)
  checkEffect(rule)
}

/** For diagnostics: `error NOT_LEADER_OR_FOLLOWER`. */
export function describeEffect(rule: FaultRule): string {
  const [name = 'error'] = effectNames.filter(each => rule[each] !== undefined)
  const value = rule[name] === true ? name : `${name} ${rule[name]}`
  return rule.after === true ? `${value} after` : value
}

function checkFilter({ api, nodeId, clientId, topic, partition, times }: FaultRule): void {
  const names = apis.map(each => each.name)
  if (api !== undefined && !names.includes(api))
    throw wrong(`api: '${api}' is no API of Kafka's${suggestion(api, names)}`)
  if (partition !== undefined && topic === undefined) throw wrong('partition: needs a topic')
  if (partition !== undefined) checkCount('partition', partition, 0)
  if (nodeId !== undefined) checkCount('nodeId', nodeId, 0)
  if (times !== undefined && times !== Number.POSITIVE_INFINITY) checkCount('times', times, 1)
  for (const [name, value] of Object.entries({ clientId, topic })) {
    if (value !== undefined && typeof value !== 'string') throw wrong(`${name}: must be a string`)
  }
}

function checkEffect({ error, after, disconnect, delayMs, drop, duplicate, hold }: FaultRule): void {
  if (error !== undefined) {
    const names = errorCodes.filter(each => each.code !== 0).map(each => each.name)
    if (!names.includes(error)) throw wrong(`error: '${error}' is no error of Kafka's${suggestion(error, names)}`)
  }
  if (after !== undefined && (error === undefined || typeof after !== 'boolean')) {
    throw wrong('after: goes with error only, and is true or false')
  }
  if (disconnect !== undefined && disconnect !== 'before' && disconnect !== 'after') {
    throw wrong("disconnect: must be 'before' or 'after'")
  }
  if (delayMs !== undefined) checkCount('delayMs', delayMs, 0)
  for (const [name, value] of Object.entries({ drop, duplicate, hold })) {
    if (value !== undefined && value !== true) throw wrong(`${name}: must be true, or left out`)
  }
}

function checkCount(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) throw wrong(`${name}: must be a whole number from ${min} on`)
}

function suggestion(name: string, names: readonly string[]): string {
  const meant = nearestName(String(name), names)
  return meant === undefined ? '' : `, did you mean ${meant}?`
}

function wrong(problem: string): ConfigError {
  return new ConfigError(`faults.add: ${problem}`)
}
