/**
 * What consumer groups go by, from the broker's settings and metadata.
 */

import { type Uuid, uuidFromBytes } from '@samsa/protocol'
import { type ServerAssignor, serverRangeAssignor, uniformAssignor } from '@samsa/protocol/internal'
import type { Random } from '@samsa/runtime'
import type { Configs } from '../../config/dynamic-config.js'
import type { MetadataImage, TopicImage } from '../../metadata/image.js'
import type { ClassicGroupSettings } from './classic-contract.js'
import type { ConsumerGroupSettings, ConsumerTimes } from './consumer-contract.js'
import type { GroupTopic, GroupTopics } from './group-topics.js'

export interface ConsumerSettingsOptions {
  readonly image: MetadataImage
  readonly configs: Configs
  readonly random: Random
  readonly rebalanceHeartbeatMs: number
}

/** As long as Kafka takes, where nothing else asks for it. */
const PATTERN_REFRESH_MS = 10 * 60_000

const assignorsByName: ReadonlyMap<string, ServerAssignor> = new Map(
  [uniformAssignor, serverRangeAssignor].map(assignor => [assignor.name, assignor]),
)

export function consumerSettings(
  { image, configs, random, rebalanceHeartbeatMs }: ConsumerSettingsOptions,
  classic: ClassicGroupSettings,
): ConsumerGroupSettings {
  const policy = (configs.value('group.consumer.migration.policy') ?? '').toLowerCase()
  const both = policy === 'bidirectional'
  return {
    classic,
    assignors: configs.list('group.consumer.assignors').flatMap(name => assignorsByName.get(name) ?? []),
    maxSize: configs.number('group.consumer.max.size'),
    newMemberId: () => randomMemberId(random),
    topics: topicsOf(image),
    times: groupId => timesOf(groupId, image, configs, rebalanceHeartbeatMs),
    fastestHeartbeatMs: rebalanceHeartbeatMs,
    patternRefreshMs: PATTERN_REFRESH_MS,
    canUpgrade: both || policy === 'upgrade',
    canDowngrade: both || policy === 'downgrade',
  }
}

/** A group's own settings win over the broker's. */
function timesOf(groupId: string, image: MetadataImage, configs: Configs, rebalanceHeartbeatMs: number): ConsumerTimes {
  const own = image.configs('group', groupId)
  const setting = (name: string): number => Number(own.get(name) ?? configs.number(`group.${name}`))
  const assignment = 'consumer.assignment.interval.ms'
  const isChosen = own.has(assignment) || configs.isSet(`group.${assignment}`)
  return {
    sessionMs: setting('consumer.session.timeout.ms'),
    heartbeatMs: setting('consumer.heartbeat.interval.ms'),
    // Kafka's default holds up whoever joins soon after someone else, for the sake of coordinators with many groups.
    assignmentMs: isChosen ? setting(assignment) : Math.min(setting(assignment), rebalanceHeartbeatMs),
  }
}

function topicsOf(image: MetadataImage): GroupTopics {
  return {
    byName: name => topicOf(image, image.topicByName(name)),
    byId: id => topicOf(image, image.topicById(id)),
    *names() {
      for (const { name } of image.topics()) yield name
    },
    get version() {
      return BigInt(image.metadataOffset)
    },
  }
}

function topicOf(image: MetadataImage, topic: TopicImage | undefined): GroupTopic | undefined {
  if (topic === undefined) return undefined
  return {
    id: topic.id,
    name: topic.name,
    partitionCount: topic.partitions.length,
    racksOf: partition =>
      (topic.partitions[partition]?.replicas ?? []).flatMap(replica => image.broker(replica)?.rack ?? []),
  }
}

/** Not to be taken for an option where it is typed into a command line. */
function randomMemberId(random: Random): Uuid {
  for (;;) {
    const id = uuidFromBytes(random.bytes(16))
    if (!id.startsWith('-')) return id
  }
}
