/**
 * What a classic group is asked and what it decides: the types of `classic-group.ts`.
 */
import type { CoordinatorRecord, Step } from '../shard.js'
import type { ClassicGroup } from './classic-group.js'
import type { ClassicMember } from './classic-member.js'

export type ClassicState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable'

export interface ClassicGroupSettings {
  readonly initialRebalanceDelayMs: number
  /** Most members. */
  readonly maxSize: number
  /** A new member's id, from what its client is called or its instance id. */
  readonly newMemberId: (prefix: string) => string
}

export interface MemberReference {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export interface GenerationReference extends MemberReference {
  readonly generationId: number
}

export interface SyncRequest extends GenerationReference {
  /** Null where the version has none. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[]
}

/** How the group is written. */
export interface GroupSnapshot {
  readonly protocolType: string
  readonly generation: number
  readonly protocol: string | null
  readonly leader: string | null
  /** Undefined where it was written without. */
  readonly stateSinceMs: number | undefined
  readonly members: readonly { readonly member: ClassicMember; readonly assignment: Uint8Array }[]
}

/** A step of a group. What a classic group writes is a snapshot, for `group-shard.ts` to make a record of. */
export interface GroupStep extends Omit<Step, 'records' | 'wakes' | 'written' | 'refused'> {
  readonly snapshot?: GroupSnapshot
  readonly records?: readonly CoordinatorRecord[]
  /** What the group is once its record is in the log, where the records change its protocol. */
  readonly becomes?: ClassicGroup
  readonly written?: () => GroupStep
  readonly refused?: (code: number) => GroupStep
  /** When the group wants to see the time again, at the latest; infinite when never. */
  readonly wakeAtMs?: number
}
