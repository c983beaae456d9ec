/**
 * How soon the members of a consumer group are to come again. Kafka always says the configured interval, so that whoever
 * joins waits five seconds for others to hear of it. Members heed each answer, so a group that is on its way to another
 * assignment is told to hurry, and a small group, whose heartbeats cost next to nothing, to come more often than it must:
 * one that has just joined gets its share well within a second. Pure.
 */

/** A settled group may take up so much of the coordinator's time: one heartbeat in this time. */
const HEARTBEAT_EVERY_MS = 250

export interface Pace {
  readonly configuredMs: number
  /** The shortest interval; as long as the configured one for Kafka's own pace. */
  readonly fastestMs: number
  readonly members: number
  readonly isSettled: boolean
}

export function heartbeatIntervalMs({ configuredMs, fastestMs, members, isSettled }: Pace): number {
  const wantedMs = isSettled ? Math.max(fastestMs, members * HEARTBEAT_EVERY_MS) : fastestMs
  return Math.min(configuredMs, wantedMs)
}
