/**
 * What a principal may do with a resource, as a set of bits (bit n for operation n), in answers that were asked for it.
 * Without an authorizer everyone may do everything that the kind of resource knows.
 */
const CREATE = 5
const DELETE = 6
const ALTER = 7
const DESCRIBE = 8
const CLUSTER_ACTION = 9
const DESCRIBE_CONFIGS = 10
const ALTER_CONFIGS = 11
const IDEMPOTENT_WRITE = 12
const READ = 3
const WRITE = 4

export const NOT_ASKED_FOR: number = -2147483648

export const TOPIC_OPERATIONS: number = bits(
  READ,
  WRITE,
  CREATE,
  DELETE,
  ALTER,
  DESCRIBE,
  DESCRIBE_CONFIGS,
  ALTER_CONFIGS,
)

export const CLUSTER_OPERATIONS: number = bits(
  CREATE,
  ALTER,
  DESCRIBE,
  CLUSTER_ACTION,
  DESCRIBE_CONFIGS,
  ALTER_CONFIGS,
  IDEMPOTENT_WRITE,
)

function bits(...operations: readonly number[]): number {
  return operations.reduce((sum, operation) => sum | (1 << operation), 0)
}
