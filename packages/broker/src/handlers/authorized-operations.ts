/**
 * Authorized operations: the bit sets by which answers say what the caller may do. Without ACLs everyone may do all that
 * there is to do with a resource.
 */

/** What stands in an answer when nobody asked. */
export const NOT_ASKED = -2147483648

const operations = {
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  clusterAction: 9,
  describeConfigs: 10,
  alterConfigs: 11,
  idempotentWrite: 12,
} as const

type Operation = keyof typeof operations

export const topicOperations: number = bits([
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'describeConfigs',
  'alterConfigs',
])

export const clusterOperations: number = bits([
  'create',
  'alter',
  'describe',
  'clusterAction',
  'describeConfigs',
  'alterConfigs',
  'idempotentWrite',
])

export const groupOperations: number = bits(['read', 'delete', 'describe', 'describeConfigs', 'alterConfigs'])

function bits(names: readonly Operation[]): number {
  return names.reduce((set, name) => set | (1 << operations[name]), 0)
}
