/**
 * CommandEnd: how a command ends that says by its exit status what it has found.
 */

export class CommandEnd extends Error {
  readonly status: number

  /** What is to be said on standard error, if anything. */
  constructor(status: number, message = '') {
    super(message)
    this.status = status
  }
}
