/**
 * A request to stop, as signals of the process make it. The first one asks for a clean stop, a later one does not wait for it.
 */

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const FORCED_STATUS = 130
/** npm hands on to its child what the terminal has sent to both of them: one Ctrl-C comes twice. */
const SAME_SIGNAL_MS = 500

export interface StopRequest {
  readonly signal: AbortSignal
  readonly requested: Promise<void>
  disarm(): void
}

export function stopRequest(): StopRequest {
  const stop = new AbortController()
  let requestedAtMs: number | undefined
  const requested = new Promise<void>(resolve => {
    stop.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const onSignal = (): void => {
    const nowMs = performance.now()
    requestedAtMs ??= nowMs
    if (nowMs - requestedAtMs > SAME_SIGNAL_MS) process.exit(FORCED_STATUS)
    stop.abort()
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
  return {
    signal: stop.signal,
    requested,
    disarm: () => {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
    },
  }
}
