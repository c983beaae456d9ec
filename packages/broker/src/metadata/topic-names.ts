/**
 * Names of topics: which may be, which are the broker's own, and which would share a name in metrics. Pure.
 */
const LONGEST_NAME = 249
const ALLOWED = /^[a-zA-Z0-9._-]+$/

/** The log of the metadata itself: never a topic of the image. */
export const CLUSTER_METADATA_TOPIC = '__cluster_metadata'

const internalTopics: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
])

/** The broker's coordinators write to these; clients read them and neither produce to them nor delete from them. */
export function isInternalTopic(name: string): boolean {
  return internalTopics.has(name)
}

/** Why no topic can have this name, as a sentence; undefined when it can. */
export function topicNameFault(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed'
  if (name === '.' || name === '..') return `Topic name is invalid: '${name}' is not allowed`
  if (name.length > LONGEST_NAME) {
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${LONGEST_NAME}`
  }
  if (ALLOWED.test(name)) return undefined
  return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
}

/** Metrics write `.` as `_`, so two names with the same key could not be told apart there. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_')
}
