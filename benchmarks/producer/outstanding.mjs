/**
 * How records are sent by an application that wants to know of each one: as many calls as may be outstanding, then a wait
 * until a tenth of them has its outcome. One at a time is the other way, which is where latency is measured.
 */

/**
 * Calls `send(index, succeeded, failed)` for 0 to `count` - 1, at most `limit` at a time; one of the two functions is called
 * with the outcome of each. Resolves when all have succeeded, rejects with the first failure.
 */
export async function sendOutstanding(count, limit, send) {
  const enough = limit - Math.ceil(limit / 10)
  let sent = 0
  let outstanding = 0
  let failure
  let wake
  let wakeAt = 0
  const succeeded = () => {
    outstanding--
    if (outstanding <= wakeAt) wake?.()
  }
  const failed = error => {
    failure ??= error
    succeeded()
  }
  const until = atMost =>
    new Promise(resolve => {
      wakeAt = atMost
      wake = () => {
        wake = undefined
        resolve()
      }
    })
  while (sent < count && failure === undefined) {
    if (outstanding >= limit) await until(enough)
    outstanding++
    const room = send(sent++, succeeded, failed)
    if (room !== undefined) await room
  }
  if (outstanding > 0) await until(0)
  if (failure !== undefined) throw failure
}

/** Awaits `send(index)` for one record after the other; resolves to milliseconds of each. */
export async function sendOneByOne(count, send) {
  const latencies = []
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now()
    await send(index)
    latencies.push(performance.now() - startedAt)
  }
  return latencies
}
