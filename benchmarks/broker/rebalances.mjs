/**
 * What members of groups wait for: rebalances of the classic protocol, a second member's share in a group of the consumer
 * protocol, a group that a thousand join, and the memory of many groups. The broker is in this process, in memory, and
 * clients speak to it over TCP: `node --expose-gc benchmarks/broker/rebalances.mjs [--rounds N] [--members N] [--groups N]`.
 * Needs a build.
 */
import { parseArgs } from 'node:util'
import { createBroker } from '@samsa/broker'
import { consumerGroupHeartbeat, findCoordinator, heartbeat, joinGroup, leaveGroup, syncGroup } from '@samsa/protocol'
import { connectTo } from './brokers.mjs'
import { createTopic } from './loads.mjs'

const SUBSCRIPTION = Buffer.from('000000000001000174ffffffff', 'hex')
const MEMBER_ID_REQUIRED = 79
const REBALANCE_IN_PROGRESS = 27
const REBALANCE_MEMBERS = 3
const PARTITIONS = 4
const MOST_HEARTBEATS = 1000
const AT_ONCE = 50
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    members: { type: 'string', default: '1000' },
    groups: { type: 'string', default: '10000' },
  },
})
const ROUNDS = Number(options.rounds)

if (globalThis.gc === undefined) throw new Error('start it with --expose-gc')
say('| | median | most |')
say('|---|---:|---:|')
await withBroker(0, async address => {
  sayTimes('rebalance of 3 members, no delay', await rebalances(address))
  sayTimes('second consumer has its share', await shares(address))
})
await withBroker(3000, async address => {
  sayTimes(`${options.members} members join one group, delay of 3,000 ms in it`, [await largeGroup(address)])
})
await withBroker(0, async address => {
  const { heapMebibytes, seconds } = await manyGroups(address)
  say(
    `heap of ${options.groups} groups with a member each: ${heapMebibytes.toFixed(1)} MiB, made in ${seconds.toFixed(1)} s`,
  )
})

async function withBroker(delayMs, measure) {
  const properties = { 'group.initial.rebalance.delay.ms': String(delayMs), 'offsets.topic.num.partitions': '4' }
  const broker = await createBroker({ port: 0, properties })
  try {
    const address = broker.bootstrapServers
    await createTopic(address, 't', PARTITIONS)
    const connection = await connectTo(address)
    await connection.request(findCoordinator, 4, { keyType: 0, coordinatorKeys: ['g'] })
    connection.close()
    await measure(address)
  } finally {
    await broker.close()
  }
}

/** From the third member's JoinGroup to the last answer to a SyncGroup; the others hear of it by heartbeats without a pause. */
async function rebalances(address) {
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const members = await connected(address, REBALANCE_MEMBERS, `rebalance-${round}`)
    let tookMs = 0
    for (const [index, member] of members.entries()) {
      await takeId(member)
      const startedAt = performance.now()
      await cameTo(members.slice(0, index), member)
      tookMs = performance.now() - startedAt
    }
    times.push(tookMs)
    await left(members)
  }
  return times
}

async function cameTo(others, member) {
  const all = [...others, member]
  await Promise.all([joined(member), ...others.map(rejoined)])
  await Promise.all(all.map(each => synced(each, all)))
}

async function rejoined(member) {
  const { groupId, memberId, generationId, connection } = member
  for (let beats = 0; beats < MOST_HEARTBEATS; beats++) {
    const { errorCode } = await connection.request(heartbeat, 4, { groupId, memberId, generationId })
    if (errorCode === REBALANCE_IN_PROGRESS) return joined(member)
  }
  throw new Error(`${memberId} does not hear of the rebalance`)
}

async function connected(address, count, groupId) {
  const members = []
  while (members.length < count) members.push({ groupId, memberId: '', connection: await connectTo(address) })
  return members
}

function join({ groupId, memberId, connection }) {
  return connection.request(joinGroup, 9, {
    groupId,
    memberId,
    sessionTimeoutMs: 60_000,
    rebalanceTimeoutMs: 60_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: SUBSCRIPTION }],
  })
}

async function takeId(member) {
  const { errorCode, memberId } = await join(member)
  if (errorCode !== MEMBER_ID_REQUIRED) throw new Error(`a member without an id is answered ${errorCode}`)
  member.memberId = memberId
}

async function joined(member) {
  const { errorCode, generationId, leader } = await join(member)
  if (errorCode !== 0) throw new Error(`a member cannot join: ${errorCode}`)
  Object.assign(member, { generationId, isLeader: leader === member.memberId })
}

async function synced({ groupId, memberId, generationId, connection, isLeader }, members) {
  const assignments = isLeader ? members.map(member => ({ memberId: member.memberId, assignment: SUBSCRIPTION })) : []
  const { errorCode, assignment } = await connection.request(syncGroup, 5, {
    groupId,
    memberId,
    generationId,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments,
  })
  if (errorCode !== 0 || assignment.length === 0) throw new Error(`a member has no share: ${errorCode}`)
}

async function left(members) {
  for (const { groupId, memberId, connection } of members) {
    await connection.request(leaveGroup, 5, { groupId, members: [{ memberId }] })
    connection.close()
  }
}

/** From the first heartbeat of the second until it has half of the partitions; both do as they are told, when they are. */
async function shares(address) {
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const members = (await connected(address, 2, `consumers-${round}`)).map((member, index) => ({
      ...member,
      memberId: `member-${index}`,
      memberEpoch: 0,
      topicPartitions: [],
    }))
    const [first, second] = members
    await until(first, () => countOf(first) === PARTITIONS)
    const startedAt = performance.now()
    let isThere = false
    const isDone = () => isThere
    const goesOn = until(first, isDone)
    await until(second, () => countOf(second) === PARTITIONS / 2)
    times.push(performance.now() - startedAt)
    isThere = true
    await goesOn
    for (const { connection } of members) connection.close()
  }
  return times
}

function countOf({ topicPartitions }) {
  return topicPartitions.reduce((sum, { partitions }) => sum + partitions.length, 0)
}

/** Heartbeats, each when the last answer asks for it, or at once where there is something to give up. */
async function until(member, isDone) {
  for (let beats = 0; beats < MOST_HEARTBEATS; beats++) {
    const { intervalMs, hasNews } = await beat(member)
    if (isDone()) return
    if (!hasNews) await new Promise(resolve => setTimeout(resolve, intervalMs))
    if (isDone()) return
  }
  throw new Error(`${member.memberId} has no share`)
}

async function beat(member) {
  const { groupId, memberId, memberEpoch, topicPartitions, connection } = member
  const joining = memberEpoch === 0 && { rebalanceTimeoutMs: 60_000, subscribedTopicNames: ['t'] }
  const request = { groupId, memberId, memberEpoch, topicPartitions, ...joining }
  const answer = await connection.request(consumerGroupHeartbeat, 1, request)
  if (answer.errorCode !== 0) throw new Error(`${memberId} is answered ${answer.errorCode}: ${answer.errorMessage}`)
  member.memberEpoch = answer.memberEpoch
  if (answer.assignment) member.topicPartitions = answer.assignment.topicPartitions
  return { intervalMs: answer.heartbeatIntervalMs, hasNews: answer.assignment !== null && memberEpoch > 0 }
}

/** From the first request of the first member to the last answer to a SyncGroup. */
async function largeGroup(address) {
  const members = await connected(address, Number(options.members), 'large')
  const startedAt = performance.now()
  await Promise.all(members.map(takeId))
  await Promise.all(members.map(joined))
  await Promise.all(members.map(member => synced(member, members)))
  const took = performance.now() - startedAt
  for (const { connection } of members) connection.close()
  return took
}

async function manyGroups(address) {
  const count = Number(options.groups)
  const connections = await connected(address, AT_ONCE, '')
  const before = heap()
  const startedAt = performance.now()
  const make = async ({ connection }, from) => {
    for (let index = from; index < count; index += AT_ONCE) {
      const member = { groupId: `g${index}`, memberId: '', connection }
      await takeId(member)
      await joined(member)
      await synced(member, [member])
    }
  }
  await Promise.all(connections.map(make))
  const seconds = (performance.now() - startedAt) / 1000
  const heapMebibytes = heap() - before
  for (const { connection } of connections) connection.close()
  return { heapMebibytes, seconds }
}

/** With what is outside of the heap, and after a collection. */
function heap() {
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1024 / 1024
}

function sayTimes(what, times) {
  const sorted = [...times].sort((left, right) => left - right)
  const median = sorted[Math.floor((sorted.length - 1) / 2)]
  say(`| ${what} | ${median.toFixed(1)} ms | ${sorted.at(-1).toFixed(1)} ms |`)
}

function say(line) {
  process.stdout.write(`${line}\n`)
}
