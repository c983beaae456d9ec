/**
 * Members of a group, each of another client: who starts one sees what it reads, and lets it leave. Foreign ones are
 * processes, which print a value a line and leave at SIGTERM.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Consumer, string } from '@samsa/consumer'

const STDERR_LIMIT_CHARS = 64 * 1024
const SIGTERM_STATUS = 143

export interface Membership {
  readonly address: string
  readonly topic: string
  readonly groupId: string
  /** The one assignor that all of them offer. */
  readonly assignor: 'range'
  /** Short, so that none of them is long in learning of a rebalance. */
  readonly heartbeatIntervalMs: number
}

export interface GroupMember {
  readonly name: string
  /** Every value that it has read. */
  readonly values: ReadonlySet<string>
  /** Resolves when it has committed and left; rejects when it failed at any time. */
  leave(): Promise<void>
  /** At once, for when the test is over; harmless when it has left. */
  end(): Promise<void>
}

export function ownMember(name: string, membership: Membership): GroupMember {
  const { address, topic, groupId, assignor, heartbeatIntervalMs } = membership
  const values = new Set<string>()
  const consumer = new Consumer({
    bootstrapServers: address,
    clientId: name,
    groupId,
    value: string,
    autoOffsetReset: 'earliest',
    partitionAssignmentStrategy: [assignor],
    heartbeatIntervalMs,
  })
  consumer.subscribe([topic])
  const reading = (async () => {
    for await (const { value } of consumer) values.add(String(value))
  })()
  // Whoever lets it leave is told.
  reading.catch(() => {})
  return {
    name,
    values,
    leave: async () => {
      await consumer.close()
      await reading
    },
    end: () => consumer.close(),
  }
}

/** Of a client whose program here is `<name>-member.mjs`. */
export function nodeMember(name: string, membership: Membership): GroupMember {
  const program = fileURLToPath(new URL(`${name}-member.mjs`, import.meta.url))
  return processMember(name, spawn(process.execPath, [program, JSON.stringify(membership)]), 0)
}

/** Kafka's console consumer. */
export function javaMember(launcher: string, membership: Membership): GroupMember {
  const { address, topic, groupId, assignor, heartbeatIntervalMs } = membership
  const settings = {
    'client.id': 'java',
    'group.protocol': 'classic',
    'partition.assignment.strategy': { range: 'org.apache.kafka.clients.consumer.RangeAssignor' }[assignor],
    'heartbeat.interval.ms': heartbeatIntervalMs,
  }
  const child = spawn(launcher, [
    ...['tool', 'kafka-console-consumer', '--bootstrap-server', address],
    ...['--topic', topic, '--group', groupId, '--from-beginning'],
    ...Object.entries(settings).flatMap(([name, value]) => ['--command-property', `${name}=${value}`]),
  ])
  return processMember('java', child, SIGTERM_STATUS)
}

function processMember(
  name: string,
  child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream },
  statusAfterLeaving: number,
): GroupMember {
  const values = new Set<string>()
  createInterface({ input: child.stdout }).on('line', value => values.add(value))
  let said = ''
  child.stderr.on('data', text => {
    said = (said + String(text)).slice(-STDERR_LIMIT_CHARS)
  })
  const ended = once(child, 'close')
  // Whoever lets it leave is told.
  ended.catch(() => {})
  return {
    name,
    values,
    leave: async () => {
      child.kill('SIGTERM')
      const [status, signal] = await ended
      if (status !== statusAfterLeaving) throw new Error(`${name} ended with ${status ?? signal}: ${said}`)
    },
    end: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
