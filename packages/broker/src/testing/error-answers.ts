/**
 * Errors in the form that each API has for them: of a partition, a topic, a resource, or the whole request. What a rule does not
 * mean is really handled. Those of coordinators are in coordinator-errors.ts. An API that is missing answers as its handler
 * does upon a failure (`Handler.failure`).
 */
import {
  alterPartitionReassignments,
  apiVersions,
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  describeCluster,
  describeConfigs,
  describeLogDirs,
  describeProducers,
  describeTopicPartitions,
  electLeaders,
  errorOf,
  fetch,
  findCoordinator,
  listConfigResources,
  listOffsets,
  listPartitionReassignments,
  metadata,
  offsetForLeaderEpoch,
  produce,
} from '@samsa/protocol'
import { NO_RESPONSE } from '../server/context.js'
import { coordinatorForms } from './coordinator-errors.js'
import { type ErrorAnswer, type FailingCall, form, whole } from './error-form.js'

/** APIs whose errors are of partitions: their handlers answer them, over partitions that fail. */
export const partitionApis: ReadonlySet<number> = new Set(
  [produce, fetch, listOffsets, offsetForLeaderEpoch, deleteRecords, describeProducers].map(api => api.key),
)

/** Of those, what changes something; the others have nothing to do before they answer an error. */
export const errorsAfterWork: ReadonlyMap<number, ErrorAnswer> = new Map([
  form(produce, async call => {
    const answer: unknown = await call.handle(call.request)
    // A client that wants no answer learns of an error by the end of its connection.
    if (answer === NO_RESPONSE) throw errorOf(call.failure.errorCode, { api: 'Produce' })
    const { responses, ...rest } = answer as Awaited<ReturnType<typeof call.handle>>
    const failed = { ...call.failure, baseOffset: -1n, logAppendTimeMs: -1n, logStartOffset: -1n }
    return {
      ...rest,
      responses: responses.map(topic => ({
        ...topic,
        partitionResponses: topic.partitionResponses.map(each =>
          call.isMeant(topic, each.index) ? { index: each.index, ...failed } : each,
        ),
      })),
    }
  }),
  form(deleteRecords, async call => {
    const answer = await call.handle(call.request)
    const { errorCode } = call.failure
    const topics = answer.topics.map(topic => ({
      ...topic,
      partitions: topic.partitions.map(each =>
        call.isMeant(topic, each.partitionIndex) ? { ...each, lowWatermark: -1n, errorCode } : each,
      ),
    }))
    return { ...answer, topics }
  }),
])

const topicForms: readonly (readonly [number, ErrorAnswer])[] = [
  form(metadata, async call => {
    const answer = await call.handle(call.request)
    const { errorCode } = call.failure
    const topics = answer.topics.map(topic => {
      if (call.isOfPartition) {
        const partitions = topic.partitions.map(each =>
          call.isMeant(topic, each.partitionIndex) ? { ...each, errorCode, leaderId: -1 } : each,
        )
        return { ...topic, partitions }
      }
      return call.isMeant(topic) ? { ...topic, errorCode, partitions: [] } : topic
    })
    return { ...answer, topics }
  }),
  form(describeTopicPartitions, async call => {
    const answer = await call.handle(call.request)
    const { errorCode } = call.failure
    const topics = answer.topics.map(topic => (call.isMeant(topic) ? { ...topic, errorCode, partitions: [] } : topic))
    return { ...answer, topics }
  }),
  form(createTopics, async call => {
    const { meant, others } = split(call, call.request.topics)
    const answer = await call.handle({ ...call.request, topics: others })
    const failed = meant.map(({ name }) => ({ name, ...call.failure }))
    return { ...answer, topics: [...answer.topics.filter(topic => !call.isMeant(topic)), ...failed] }
  }),
  form(deleteTopics, async call => {
    const { meant, others } = split(call, call.request.topics)
    const names = call.request.topicNames
    const otherNames = call.after ? names : names.filter(name => !call.isMeant({ name }))
    const answer = await call.handle({ ...call.request, topics: others, topicNames: otherNames })
    const named = names.filter(name => call.isMeant({ name })).map(name => ({ name }))
    const failed = [...meant, ...named].map(topic => ({ ...topic, ...call.failure }))
    return { ...answer, responses: [...answer.responses.filter(topic => !call.isMeant(topic)), ...failed] }
  }),
  form(createPartitions, async call => {
    const { meant, others } = split(call, call.request.topics)
    const answer = await call.handle({ ...call.request, topics: others })
    const failed = meant.map(({ name }) => ({ name, ...call.failure }))
    return { ...answer, results: [...answer.results.filter(topic => !call.isMeant(topic)), ...failed] }
  }),
]

const FIRST_WITH_COORDINATORS = 4
const FIRST_LOG_DIRS_WITH_ERROR = 3

const wholeForms: readonly (readonly [number, ErrorAnswer])[] = [
  whole(findCoordinator, async ({ version, request, failure }) => {
    const none = { ...failure, nodeId: -1, host: '', port: -1 }
    if (version < FIRST_WITH_COORDINATORS) return none
    return { coordinators: request.coordinatorKeys.map(key => ({ key, ...none })) }
  }),
  whole(apiVersions, async ({ failure: { errorCode } }) => ({ errorCode, apiKeys: [] })),
  whole(describeConfigs, async ({ request, failure }) => ({
    throttleTimeMs: 0,
    results: request.resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      ...failure,
      configs: [],
    })),
  })),
  whole(describeLogDirs, async ({ version, failure: { errorCode } }) =>
    version < FIRST_LOG_DIRS_WITH_ERROR
      ? { throttleTimeMs: 0, results: [{ errorCode, logDir: '', topics: [] }] }
      : { throttleTimeMs: 0, errorCode, results: [] },
  ),
  whole(electLeaders, async ({ version, request, failure }) => ({
    throttleTimeMs: 0,
    ...(version === 0 ? {} : { errorCode: failure.errorCode }),
    replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map(partitionId => ({ partitionId, ...failure })),
    })),
  })),
  whole(alterPartitionReassignments, async ({ failure }) => ({ throttleTimeMs: 0, ...failure, responses: [] })),
  whole(listPartitionReassignments, async ({ failure }) => ({ throttleTimeMs: 0, ...failure, topics: [] })),
  whole(describeCluster, async ({ failure }) => ({ throttleTimeMs: 0, ...failure, clusterId: '', brokers: [] })),
  whole(listConfigResources, async ({ failure: { errorCode } }) => ({
    throttleTimeMs: 0,
    errorCode,
    configResources: [],
  })),
]

/** By key. */
export const errorAnswers: ReadonlyMap<number, ErrorAnswer> = new Map([
  ...topicForms,
  ...wholeForms,
  ...coordinatorForms,
])

/** Topics to answer with an error, and those to handle: all, where the work is done first. */
function split<Topic extends object>(
  call: Pick<FailingCall<unknown, unknown>, 'after' | 'isMeant'>,
  topics: readonly Topic[],
): { readonly meant: readonly Topic[]; readonly others: readonly Topic[] } {
  const meant = topics.filter(topic => call.isMeant(topic))
  return { meant, others: call.after ? topics : topics.filter(topic => !meant.includes(topic)) }
}
