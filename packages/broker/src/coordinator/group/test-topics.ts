/**
 * Topics and settings for tests of consumer groups: a cluster that has what the test says.
 */
import { uuidFromBytes } from '@samsa/protocol'
import { serverRangeAssignor, uniformAssignor } from '@samsa/protocol/internal'
import type { ClassicGroupSettings } from './classic-contract.js'
import type { ConsumerGroupSettings, ConsumerTimes } from './consumer-contract.js'
import type { GroupTopic, GroupTopics } from './group-topics.js'

export class TestTopics implements GroupTopics {
  readonly #byName = new Map<string, GroupTopic>()
  #made = 0
  #version = 0n

  get version(): bigint {
    return this.#version
  }

  /** Makes a topic, or gives it another count. */
  set(name: string, partitionCount: number): void {
    const id = this.#byName.get(name)?.id ?? uuidFromBytes(Buffer.alloc(16, ++this.#made))
    this.#byName.set(name, { id, name, partitionCount, racksOf: () => [] })
    this.#version++
  }

  delete(name: string): void {
    this.#byName.delete(name)
    this.#version++
  }

  byName(name: string): GroupTopic | undefined {
    return this.#byName.get(name)
  }

  byId(id: string): GroupTopic | undefined {
    return [...this.#byName.values()].find(topic => topic.id === id)
  }

  names(): Iterable<string> {
    return this.#byName.keys()
  }
}

export const testTimes: ConsumerTimes = { sessionMs: 45_000, heartbeatMs: 5000, assignmentMs: 0 }

export function testConsumerSettings(
  topics: GroupTopics,
  classic: ClassicGroupSettings,
  rest: Partial<ConsumerGroupSettings> = {},
): ConsumerGroupSettings {
  return {
    topics,
    classic,
    assignors: [uniformAssignor, serverRangeAssignor],
    maxSize: 1000,
    newMemberId: () => classic.newMemberId('member'),
    times: () => testTimes,
    fastestHeartbeatMs: 100,
    patternRefreshMs: 600_000,
    canUpgrade: true,
    canDowngrade: true,
    ...rest,
  }
}
