/**
 * A member of a classic group with a scripted coordinator, on its way in or there already.
 */
import {
  encodeAssignment,
  encodeSubscription,
  type HeartbeatRequest,
  heartbeat,
  joinGroup,
  syncGroup,
} from '@samsa/protocol'
import type { ConsumerOptions } from '../consumer-options.js'
import { ClassicMember } from './classic-member.js'
import type { SentCall, TestCoordinator } from './test-coordinator.js'
import { MemberScene } from './test-member-scene.js'

export const SESSION_MS = 10_000
export const BEAT_MS = 1000

export type Scene = MemberScene<ClassicMember>

/** Joins when it is told to. */
function newScene(options: Partial<ConsumerOptions> = {}, coordinator?: TestCoordinator): Scene {
  const quick = { sessionTimeoutMs: SESSION_MS, heartbeatIntervalMs: BEAT_MS, maxPollIntervalMs: 60_000 }
  return new MemberScene(parts => new ClassicMember(parts), { ...quick, ...options }, coordinator)
}

/** It has sent JoinGroup. */
export async function joining(options: Partial<ConsumerOptions> = {}, coordinator?: TestCoordinator): Promise<Scene> {
  const scene = newScene(options, coordinator)
  scene.want('t')
  await scene.do()
  return scene
}

export const subscription = (rackId: string | null = null) =>
  encodeSubscription({ topics: ['t'], userData: null, ownedPartitions: [], generationId: -1, rackId })
export const assignment = (...partitions: number[]) =>
  encodeAssignment({ partitions: partitions.length === 0 ? [] : [{ topic: 't', partitions }], userData: null })

export interface Generation {
  readonly generationId?: number
  readonly memberId?: string
  readonly leader?: string
  readonly protocolName?: string
  readonly protocolType?: string
  readonly members?: readonly { memberId: string; groupInstanceId: string | null; metadata: Uint8Array }[]
}

export async function joined(scene: Scene, generation: Generation = {}): Promise<void> {
  scene.coordinator.sent(joinGroup).answer({
    generationId: 1,
    memberId: 'm',
    leader: 'other',
    protocolType: 'consumer',
    protocolName: 'range',
    members: [],
    skipAssignment: false,
    ...generation,
  })
  await scene.settle()
}

/** It has its assignment, and the application has it too. */
export async function stable(options: Partial<ConsumerOptions> = {}): Promise<Scene> {
  const scene = await joining(options)
  await joined(scene, options.partitionAssignmentStrategy === undefined ? {} : { protocolName: 'cooperative-sticky' })
  scene.coordinator.sent(syncGroup).answer({ assignment: assignment(0, 1) })
  await scene.settle()
  await scene.do()
  if (scene.member.standing !== 'member') throw new Error('the member did not get in')
  return scene
}

/** The next heartbeat is on its way. */
export async function beating(scene: Scene): Promise<SentCall<HeartbeatRequest>> {
  await scene.advance(BEAT_MS)
  return scene.coordinator.sent(heartbeat)
}

/** Passing trouble of a coordinator. */
export const PASSING = [
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'REQUEST_TIMED_OUT',
]
/** What no other try would mend. */
export const HOPELESS = ['GROUP_AUTHORIZATION_FAILED', 'INVALID_GROUP_ID', 'UNSUPPORTED_VERSION', 'INVALID_REQUEST']
