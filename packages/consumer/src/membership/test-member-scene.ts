/**
 * A member with a scripted coordinator, and an application that polls, has partitions, and does its tasks when the test
 * says so.
 */
import { parseOptions } from '@samsa/runtime/internal'
import { type ConsumerOptions, consumerOptions } from '../consumer-options.js'
import { GroupMetrics } from '../group-metrics.js'
import { nameOf, type TopicPartition } from '../topic-partition.js'
import type { Member, MemberParts, MemberTask } from './member.js'
import { TestCoordinator } from './test-coordinator.js'
import { TopicWatch } from './topic-watch.js'

export class MemberScene<Kind extends Member = Member> {
  readonly coordinator: TestCoordinator
  readonly metrics = new GroupMetrics()
  readonly member: Kind
  readonly watch: TopicWatch
  owned: readonly TopicPartition[] = []
  /** The application waits in a poll, or has polled since it was asked last. */
  isPolling = true
  /** How often there was something to do or to tell. */
  changes = 0

  constructor(
    make: (parts: MemberParts) => Kind,
    options: Partial<ConsumerOptions> = {},
    coordinator: TestCoordinator = new TestCoordinator([1, 1]),
  ) {
    this.coordinator = coordinator
    const whole = { bootstrapServers: 'test:1', groupId: 'g', retryBackoffMs: 100, retryBackoffMaxMs: 100, ...options }
    const config = { ...parseOptions(consumerOptions, whole), groupId: 'g' }
    const onChange = (): void => void this.changes++
    this.watch = new TopicWatch({
      cluster: coordinator,
      maxAgeMs: config.metadataMaxAgeMs,
      excludeInternal: config.excludeInternalTopics,
      onChange: () => this.member.topicsChanged(),
    })
    this.member = make({
      config,
      cluster: coordinator,
      metrics: this.metrics,
      watch: this.watch,
      heard: () => this.isPolling,
      owned: () => this.owned,
      onChange,
    })
  }

  want(...topics: string[]): void {
    this.member.want({ topics, serverPattern: null })
  }

  settle(): Promise<void> {
    return this.coordinator.settle()
  }

  advance(durationMs: number): Promise<void> {
    return this.coordinator.advance(durationMs)
  }

  /** What the member has for the application: `give up all: why`, `lost all: why`, `take t-0 t-1`. */
  get task(): string | undefined {
    const { task } = this.member
    if (task === undefined) return undefined
    if (task.kind === 'take') return ['take', ...task.target.map(nameOf)].join(' ')
    return `${task.isLost ? 'lose' : 'give up'} ${task.extent}: ${task.reason}`
  }

  /** The application does it. */
  async do(): Promise<void> {
    const { task } = this.member
    if (task === undefined) throw new Error('there is nothing to be done')
    const before = this.owned
    this.owned = this.#after(task)
    const kept = new Set(this.owned.map(nameOf))
    this.member.done(task, { revoked: before.filter(place => !kept.has(nameOf(place))) })
    await this.settle()
  }

  #after(task: MemberTask): readonly TopicPartition[] {
    if (task.kind === 'take') return task.target
    return task.extent === 'all' ? [] : this.owned
  }
}
