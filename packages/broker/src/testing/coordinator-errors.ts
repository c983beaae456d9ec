/**
 * Errors of the APIs that coordinators answer, of groups and of transactions, in the form that each has for them. Most are of
 * the whole request; where commits name partitions, Kafka repeats the coordinator's error at each of them.
 */
import {
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
  addOffsetsToTxn,
  addPartitionsToTxn,
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  type Decoded,
  deleteGroups,
  describeGroups,
  describeTransactions,
  endTxn,
  heartbeat,
  initProducerId,
  joinGroup,
  leaveGroup,
  listGroups,
  listTransactions,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  type OffsetFetchResponseGroupTopic,
  type OffsetFetchResponseTopic,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  syncGroup,
  type AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult as TransactionTopic,
  txnOffsetCommit,
  type Uuid,
  ZERO_UUID,
} from '@samsa/protocol'
import { codeOf } from '../cluster/partitions.js'
import { stateOfNone } from '../handlers/65-describe-transactions.js'
import { type ErrorAnswer, type FailingCall, form, whole } from './error-form.js'

const FIRST_JOIN_WITHOUT_PROTOCOL = 7
const FIRST_LEAVE_OF_MEMBERS = 3
const FIRST_FETCH_WITH_ERROR = 2
const FIRST_FETCH_OF_GROUPS = 8
const FIRST_DESCRIBE_WITH_MESSAGE = 6
const FIRST_TRANSACTIONS_IN_BATCHES = 4

const NOTHING = new Uint8Array(0)
/** Errors of one of the members that leave, where they are named. */
const ofLeavingMember = codesOf('UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID')
/** Errors of a partition whose offset is asked for; all others are of its group. */
const ofFetchedPartition = codesOf(
  'UNSTABLE_OFFSET_COMMIT',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'TOPIC_AUTHORIZATION_FAILED',
)
const NOT_ATTEMPTED = codeOf('OPERATION_NOT_ATTEMPTED')

const groupForms = [
  whole(joinGroup, async ({ version, request, failure: { errorCode } }) => ({
    errorCode,
    protocolName: version < FIRST_JOIN_WITHOUT_PROTOCOL ? '' : null,
    leader: '',
    memberId: request.memberId,
    members: [],
  })),
  whole(syncGroup, async ({ failure: { errorCode } }) => ({ errorCode, assignment: NOTHING })),
  whole(heartbeat, async ({ failure: { errorCode } }) => ({ errorCode })),
  whole(leaveGroup, async ({ version, request, failure: { errorCode } }) => {
    if (version < FIRST_LEAVE_OF_MEMBERS) return { errorCode }
    if (!ofLeavingMember.has(errorCode)) return { errorCode, members: [] }
    const members = request.members.map(({ memberId, groupInstanceId }) => ({ memberId, groupInstanceId, errorCode }))
    return { errorCode: 0, members }
  }),
  whole(consumerGroupHeartbeat, async ({ failure }) => ({
    throttleTimeMs: 0,
    ...failure,
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
  })),
  form(offsetCommit, call => commitOf(call, call.request.topics, topics => call.handle({ ...call.request, topics }))),
  form(offsetFetch, fetchOf),
  form(offsetDelete, async call => {
    const { errorCode } = call.failure
    const { request } = call
    if (call.isOfTopic) {
      return { ...(await commitOf(call, request.topics, topics => call.handle({ ...request, topics }))), errorCode: 0 }
    }
    if (call.after) await call.handle(request)
    return { errorCode, topics: [] }
  }),
  whole(describeGroups, async ({ version, request, failure: { errorCode, errorMessage } }) => ({
    groups: request.groups.map(groupId => ({
      errorCode,
      ...(version < FIRST_DESCRIBE_WITH_MESSAGE ? {} : { errorMessage }),
      groupId,
      groupState: '',
      protocolType: '',
      protocolData: '',
      members: [],
    })),
  })),
  whole(consumerGroupDescribe, async ({ request, failure }) => ({
    throttleTimeMs: 0,
    groups: request.groupIds.map(groupId => ({
      ...failure,
      groupId,
      groupState: '',
      groupEpoch: 0,
      assignmentEpoch: 0,
      assignorName: '',
      members: [],
    })),
  })),
  whole(listGroups, async ({ failure: { errorCode } }) => ({ errorCode, groups: [] })),
  whole(deleteGroups, async ({ request, failure: { errorCode } }) => ({
    throttleTimeMs: 0,
    results: request.groupsNames.map(groupId => ({ groupId, errorCode })),
  })),
]

const transactionForms = [
  whole(initProducerId, async ({ failure: { errorCode } }) => ({
    throttleTimeMs: 0,
    errorCode,
    producerId: -1n,
    producerEpoch: -1,
  })),
  form(addPartitionsToTxn, async call => {
    const { version, request } = call
    const answer = call.after ? await call.handle(request) : notAttempted(request, version)
    if (version < FIRST_TRANSACTIONS_IN_BATCHES) {
      return { ...answer, resultsByTopicV3AndBelow: struck(call, answer.resultsByTopicV3AndBelow ?? []) }
    }
    const resultsByTransaction = (answer.resultsByTransaction ?? []).map(each => ({
      ...each,
      topicResults: struck(call, each.topicResults),
    }))
    return { ...answer, resultsByTransaction }
  }),
  whole(addOffsetsToTxn, async ({ failure: { errorCode } }) => ({ throttleTimeMs: 0, errorCode })),
  form(txnOffsetCommit, async call => ({
    throttleTimeMs: 0,
    ...(await commitOf(call, call.request.topics, topics => call.handle({ ...call.request, topics }))),
  })),
  whole(endTxn, async ({ failure: { errorCode } }) => ({ throttleTimeMs: 0, errorCode })),
  whole(describeTransactions, async ({ request, failure: { errorCode } }) => ({
    throttleTimeMs: 0,
    transactionStates: request.transactionalIds.map(id => stateOfNone(id, errorCode)),
  })),
  whole(listTransactions, async ({ failure: { errorCode } }) => ({
    throttleTimeMs: 0,
    errorCode,
    unknownStateFilters: [],
    transactionStates: [],
  })),
]

export const coordinatorForms: readonly (readonly [number, ErrorAnswer])[] = [...groupForms, ...transactionForms]

type Struck = Pick<FailingCall<unknown, unknown>, 'failure' | 'after' | 'isMeant'>

interface TopicName {
  readonly name?: string
  readonly topicId?: Uuid
}

interface AskedTopic extends TopicName {
  readonly partitions: readonly { readonly partitionIndex: number }[]
}

interface AnsweredTopic extends TopicName {
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[]
}

interface CommitAnswer<Topic = AnsweredTopic> {
  readonly topics: readonly Topic[]
}

/** Of the partitions asked about, in their order: those that are meant with the error, the others as they are answered. */
async function commitOf<Topic extends AskedTopic>(
  { failure: { errorCode }, after, isMeant }: Struck,
  asked: readonly Topic[],
  handle: (topics: readonly Topic[]) => Promise<CommitAnswer>,
): Promise<CommitAnswer<AnsweredTopic & { readonly name: string }>> {
  const others = asked
    .map(topic => ({
      ...topic,
      partitions: topic.partitions.filter(({ partitionIndex }) => after || !isMeant(topic, partitionIndex)),
    }))
    .filter(({ partitions }) => partitions.length > 0)
  const answer = others.length === 0 ? { topics: [] } : await handle(others)
  const codes = new Map<string, number>()
  for (const topic of answer.topics) {
    for (const each of topic.partitions) codes.set(keyOf(topic, each.partitionIndex), each.errorCode)
  }
  const codeOfPartition = (topic: Topic, partition: number): number =>
    isMeant(topic, partition) ? errorCode : (codes.get(keyOf(topic, partition)) ?? errorCode)
  return {
    topics: asked.map(topic => ({
      name: topic.name ?? '',
      ...(topic.topicId === undefined ? {} : { topicId: topic.topicId }),
      partitions: topic.partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codeOfPartition(topic, partitionIndex),
      })),
    })),
  }
}

/** Requests name a topic by name or by id, and are answered in kind. */
function keyOf({ name = '', topicId = ZERO_UUID }: TopicName, partition: number): string {
  return `${topicId}/${name}/${partition}`
}

/** Reading changes nothing: everything is asked, and what is meant is answered in its place. */
async function fetchOf(call: FailingCall<OffsetFetchRequest, OffsetFetchResponse>): Promise<OffsetFetchResponse> {
  const { version, request, failure, isOfTopic } = call
  const { errorCode } = failure
  const isOfPartitions = isOfTopic || version < FIRST_FETCH_WITH_ERROR || ofFetchedPartition.has(errorCode)
  if (!isOfPartitions) {
    if (version < FIRST_FETCH_OF_GROUPS) return { topics: [], errorCode }
    return { groups: request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })) }
  }
  const answer = await call.handle(request)
  if (version < FIRST_FETCH_OF_GROUPS) return { ...answer, topics: notFetched(call, answer.topics ?? []) }
  const groups = answer.groups?.map(group => ({ ...group, topics: notFetched(call, group.topics) }))
  return { ...answer, groups: groups ?? [] }
}

function notFetched<Topic extends OffsetFetchResponseTopic | OffsetFetchResponseGroupTopic>(
  { failure: { errorCode }, isMeant }: Struck,
  topics: readonly Topic[],
): Topic[] {
  return topics.map(topic => ({
    ...topic,
    partitions: topic.partitions.map(({ partitionIndex, ...committed }) =>
      isMeant(topic, partitionIndex)
        ? { partitionIndex, committedOffset: -1n, committedLeaderEpoch: -1, metadata: '', errorCode }
        : { partitionIndex, ...committed },
    ),
  }))
}

/** All partitions are added, or none: beside one with an error Kafka does not attempt the others. */
function notAttempted(
  { transactions, v3AndBelowTopics }: Decoded<AddPartitionsToTxnRequest>,
  version: number,
): AddPartitionsToTxnResponse {
  const resultsOf = (topics: Decoded<AddPartitionsToTxnRequest>['v3AndBelowTopics']): TransactionTopic[] =>
    topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map(partitionIndex => ({ partitionIndex, partitionErrorCode: NOT_ATTEMPTED })),
    }))
  if (version < FIRST_TRANSACTIONS_IN_BATCHES) {
    return { throttleTimeMs: 0, resultsByTopicV3AndBelow: resultsOf(v3AndBelowTopics) }
  }
  const resultsByTransaction = transactions.map(({ transactionalId, topics }) => ({
    transactionalId,
    topicResults: resultsOf(topics),
  }))
  return { throttleTimeMs: 0, errorCode: 0, resultsByTransaction }
}

function struck(
  { failure: { errorCode: partitionErrorCode }, isMeant }: Struck,
  topics: readonly TransactionTopic[],
): TransactionTopic[] {
  return topics.map(topic => ({
    ...topic,
    resultsByPartition: topic.resultsByPartition.map(each =>
      isMeant(topic, each.partitionIndex) ? { ...each, partitionErrorCode } : each,
    ),
  }))
}

function codesOf(...names: readonly string[]): ReadonlySet<number> {
  return new Set(names.map(codeOf))
}
