/**
 * Asks a running broker until it has caught up with itself: a new topic or a group's coordinator takes a moment to
 * appear, and nothing tells when it has.
 */
import { setTimeout as pause } from 'node:timers/promises'

const DEADLINE_MS = 20_000
const PAUSE_MS = 20

/** The first answer that is not undefined. */
export async function eventually<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (const deadline = performance.now() + DEADLINE_MS; performance.now() < deadline; await pause(PAUSE_MS)) {
    const value = await ask()
    if (value !== undefined) return value
  }
  throw new Error(`the broker did not get there within ${DEADLINE_MS} ms`)
}
