/**
 * Requests that read: Fetch with and without sessions.
 */
import { type FetchRequestPartition, fetch } from '@samsa/protocol'
import { type Step, step } from '../step.js'
import type { Session, Topic, World } from './world.js'

const FIRST_WITH_IDS = 13
const FIRST_WITH_SESSIONS = 7
const ALL = 10_000_000

export function read(world: World): Step {
  const { draw } = world
  if (world.sessions.length > 0 && draw.percent(60)) return goOn(world, draw.one(world.sessions))
  const version = draw.between(4, 18)
  if (version >= FIRST_WITH_SESSIONS && draw.percent(40)) return open(world, version)
  const topics = draw.several(1, draw.percent(80) ? 1 : 2, () => world.someTopic())
  return fetchStep(
    world,
    version,
    unique(topics).map(topic => [topic, partitionsOf(world, topic, version)] as const),
    {},
  )
}

/** A full fetch that asks for a session. */
function open(world: World, version: number): Step {
  const topic = world.someTopic()
  const label = `s${world.sessions.length + 1}`
  world.sessions.push({ label, usesIds: version >= FIRST_WITH_IDS, epoch: 1, topic })
  return fetchStep(world, version, [[topic, partitionsOf(world, topic, version)]], { label, epoch: 0 })
}

function goOn(world: World, session: Session): Step {
  const { draw } = world
  const usesIds = draw.percent(92) ? session.usesIds : !session.usesIds
  const version = usesIds ? draw.between(FIRST_WITH_IDS, 18) : draw.between(FIRST_WITH_SESSIONS, FIRST_WITH_IDS - 1)
  const isRight = draw.percent(85)
  const epoch = isRight ? session.epoch : draw.one([session.epoch + 1, session.epoch - 1, -1, 0, 2 ** 31 - 1])
  const topic = draw.percent(80) ? session.topic : world.someTopic()
  if (isRight) session.epoch++
  const forgets = draw.percent(15) ? [topic] : []
  const asks = draw.percent(50) ? [] : [[topic, partitionsOf(world, topic, version)] as const]
  return fetchStep(world, version, asks, { session, epoch, forgets, label: session.label })
}

type Asked = readonly (readonly [Topic, readonly FetchRequestPartition[]])[]

interface SessionPlan {
  /** Of the session that the answer opens. */
  readonly label?: string
  readonly session?: Session
  readonly epoch?: number
  readonly forgets?: readonly Topic[]
}

function fetchStep(world: World, version: number, asked: Asked, plan: SessionPlan): Step {
  const { draw } = world
  const { label, session, epoch = -1, forgets = [] } = plan
  // Where several partitions share a limit, Kafka counts the part of a batch that it cuts off.
  const count = asked.reduce((sum, [, partitions]) => sum + partitions.length, 0)
  const isRecompressed = asked.some(([topic]) => topic.isRecompressed)
  const isLimited = session === undefined && count === 1 && !isRecompressed && draw.percent(25)
  const maxBytes = isLimited ? draw.one([0, 1, 50, 200, 500, -1]) : ALL
  const minBytes = draw.one([0, 0, 1, 1, 100, 1_000_000])
  const maxWaitMs = draw.percent(90) ? draw.one([0, 0, 5, 10]) : draw.one([50, -1])
  const isolationLevel = draw.percent(95) ? draw.integer(0, 2) : 2
  const usesIds = version >= FIRST_WITH_IDS
  const topicOf = (topic: Topic, id: string): { topic: string } | { topicId: string } =>
    usesIds ? { topicId: id } : { topic: topic.name }
  const all = [...asked.map(([topic]) => topic.name), ...forgets.map(topic => topic.name)]
  const forgotten = forgets.map(topic => ({ topic, partitions: [draw.integer(0, 2)] }))
  return step(
    fetch,
    version,
    bindings => ({
      maxWaitMs,
      minBytes,
      maxBytes,
      isolationLevel,
      ...(version < FIRST_WITH_SESSIONS
        ? {}
        : { sessionId: session === undefined ? 0 : bindings.session(session.label), sessionEpoch: epoch }),
      topics: asked.map(([topic, partitions]) => ({ ...topicOf(topic, bindings.topicId(topic.name)), partitions })),
      ...(version < FIRST_WITH_SESSIONS
        ? {}
        : {
            forgottenTopicsData: forgotten.map(each => ({
              ...topicOf(each.topic, bindings.topicId(each.topic.name)),
              partitions: each.partitions,
            })),
          }),
    }),
    { needsIds: usesIds ? all : [], note: isLimited ? 'limited' : '', ...(label === undefined ? {} : { label }) },
  )
}

function partitionsOf(world: World, topic: Topic, version: number): FetchRequestPartition[] {
  const { draw } = world
  const indexes = draw.several(1, draw.percent(75) ? 1 : 3, () => world.somePartition(topic))
  return [...new Set(indexes)].map(partition => ({
    partition,
    fetchOffset: world.someOffset(topic, partition),
    partitionMaxBytes: draw.percent(90) || topic.isRecompressed ? ALL : draw.one([0, 1, 60, 200, -1]),
    ...(version >= 9 ? { currentLeaderEpoch: world.someLeaderEpoch() } : {}),
    ...(version >= 12 && draw.percent(15) ? { lastFetchedEpoch: draw.one([0, 0, 1, -1, 5]) } : {}),
  }))
}

function unique(topics: readonly Topic[]): Topic[] {
  return [...new Map(topics.map(topic => [topic.name, topic])).values()]
}
