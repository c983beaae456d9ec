/**
 * The options of a consumer that is a member of a group: rows, what follows from others, and what must fit together. Part
 * of the consumer's table. Pure.
 */
import type { Assignor } from '@samsa/protocol'
import { type AssignorName, isAssignor } from './membership/assignors.js'

/** Java's classes, by the word in front of `Assignor`; other names are taken as they are. */
function assignorsFrom(text: string): unknown {
  return text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
    .map(name => {
      const word = (name.split('.').at(-1) ?? '').replace(/Assignor$/, '').replaceAll(/[-_]/g, '')
      return ASSIGNORS_BY_WORD[word.toLowerCase()] ?? name
    })
}

const ASSIGNORS_BY_WORD: Readonly<Record<string, AssignorName>> = {
  range: 'range',
  roundrobin: 'roundRobin',
  sticky: 'sticky',
  cooperativesticky: 'cooperativeSticky',
}

export const groupRows = {
  groupId: {
    type: 'string',
    nonEmpty: true,
    kafka: 'group.id',
    optional: true,
    text: 'The group whose members share partitions, and under which offsets are committed; without it there is neither.',
  },
  groupProtocol: {
    type: 'enum',
    values: ['classic', 'consumer'],
    kafka: 'group.protocol',
    default: 'classic',
    text: 'Who shares out partitions: one of the members (classic), or the broker (consumer; KIP-848, Kafka 4.0 and later).',
  },
  groupInstanceId: {
    type: 'string',
    pattern: /^(?!\.{1,2}$)[\w.-]{1,249}$/ as RegExp,
    kafka: 'group.instance.id',
    optional: true,
    text: 'Makes a static member: who comes back under this name before the session is over gets its partitions without a rebalance.',
  },
  groupRemoteAssignor: {
    type: 'string',
    nonEmpty: true,
    kafka: 'group.remote.assignor',
    optional: true,
    text: 'The assignor that the broker is asked for (uniform, range); only with groupProtocol consumer.',
  },
  partitionAssignmentStrategy: {
    type: 'list',
    nonEmpty: true,
    of: {
      type: 'either',
      of: [
        { type: 'enum', values: ['range', 'roundRobin', 'sticky', 'cooperativeSticky'] },
        {
          type: 'object',
          guard: isAssignor as (value: unknown) => value is Assignor,
          expects: 'an assignor, with name, supportedProtocols and assign()',
        },
      ],
    },
    kafka: 'partition.assignment.strategy',
    default: ['range', 'cooperativeSticky'],
    fromKafka: assignorsFrom as (text: string) => unknown,
    text: 'How the leader of a classic group shares out partitions, preferred first; the group takes one that all members have.',
  },
  sessionTimeoutMs: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: 'session.timeout.ms',
    default: 45_000,
    text: 'A member that the coordinator hears nothing of for so long is taken out of the group; only with groupProtocol classic.',
  },
  heartbeatIntervalMs: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: 'heartbeat.interval.ms',
    default: 3000,
    text: 'How often the coordinator hears of a member, whatever the application does; only with groupProtocol classic.',
  },
  maxPollIntervalMs: {
    type: 'integer',
    min: 1,
    max: 2_147_483_647,
    kafka: 'max.poll.interval.ms',
    default: 300_000,
    text: 'A member that does not poll for longer leaves the group, so that others get on with its partitions.',
  },
  enableAutoCommit: {
    type: 'boolean',
    kafka: ['enable.auto.commit', 'auto.commit.enable'],
    computed: 'true with a groupId',
    text: 'Commits what the application is done with: now and then, before partitions go, and when the consumer is closed.',
  },
  autoCommitIntervalMs: {
    type: 'integer',
    min: 0,
    max: 2_147_483_647,
    kafka: 'auto.commit.interval.ms',
    default: 5000,
    text: 'How often, where enableAutoCommit is true.',
  },
  excludeInternalTopics: {
    type: 'boolean',
    kafka: 'exclude.internal.topics',
    default: true,
    text: 'Whether a pattern leaves out the topics that brokers keep for themselves.',
  },
} as const

export type GroupRows = typeof groupRows

export interface GroupValues {
  readonly groupId: string | undefined
  readonly groupProtocol: 'classic' | 'consumer'
  readonly groupInstanceId: string | undefined
  readonly groupRemoteAssignor: string | undefined
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly enableAutoCommit: boolean
}

export const groupComputes: {
  readonly enableAutoCommit: (draft: { readonly groupId: string | undefined }) => boolean
} = { enableAutoCommit: ({ groupId }) => groupId !== undefined }

/** What only members of a classic group say; elsewhere the broker does. */
const CLASSIC_ONLY = ['sessionTimeoutMs', 'heartbeatIntervalMs', 'partitionAssignmentStrategy'] as const

export const groupRules: readonly ((config: GroupValues, given: ReadonlySet<string>) => string | undefined)[] = [
  ({ enableAutoCommit, groupId }) =>
    enableAutoCommit && groupId === undefined
      ? 'enableAutoCommit needs a groupId: offsets are committed under it'
      : undefined,
  ({ groupInstanceId, groupId }) =>
    groupInstanceId !== undefined && groupId === undefined
      ? 'groupInstanceId needs a groupId: it is the name of a member'
      : undefined,
  ({ groupProtocol, groupRemoteAssignor }) =>
    groupProtocol === 'classic' && groupRemoteAssignor !== undefined
      ? "groupRemoteAssignor needs groupProtocol: 'consumer'; members of a classic group have partitionAssignmentStrategy"
      : undefined,
  ({ groupProtocol, heartbeatIntervalMs, sessionTimeoutMs }) =>
    groupProtocol === 'classic' && heartbeatIntervalMs >= sessionTimeoutMs
      ? `heartbeatIntervalMs (${heartbeatIntervalMs}) must be below sessionTimeoutMs (${sessionTimeoutMs})`
      : undefined,
  ({ groupProtocol }, given) => {
    const name = groupProtocol === 'consumer' ? CLASSIC_ONLY.find(each => given.has(each)) : undefined
    return name === undefined
      ? undefined
      : `${name} means nothing with groupProtocol: 'consumer': the broker decides it`
  },
]
