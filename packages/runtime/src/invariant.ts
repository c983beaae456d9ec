/**
 * Assertions that stay on in production: what must be true if our own code is right. They are for our bugs only; what
 * a user, a peer or a disk can get wrong has its own errors.
 */

/** A bug in Samsa, not a mistake of the caller: deliberately no KafkaError, so that nothing retries or handles it. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
  readonly code = 'INVARIANT_VIOLATED'

  constructor(message: string) {
    super(`this is a bug in Samsa, please report it with the stack: ${message}`)
  }
}

/**
 * Throws unless the condition holds. A text with values in it is given as a function, which is called only when the
 * text is needed; where even making that function is too dear, write `if (wrong) violated(…)`.
 */
export function invariant(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) violated(typeof message === 'string' ? message : message())
}

/** The branch that cannot be reached has been reached. */
export function violated(message: string): never {
  throw new InvariantError(message)
}

/** For the `default` of a `switch` that names every case: a case added later stops compiling here. */
export function unreachable(value: never, what: string): never {
  throw new InvariantError(`${what} cannot be ${String(value)}`)
}
