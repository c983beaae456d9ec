/**
 * Waiting for an AbortSignal. A program tends to have one signal for its end and hundreds of calls waiting under it;
 * a listener for each makes Node 20 warn of a leak after the tenth. So there is one listener for a signal, however
 * many wait, and it is gone when nobody does. Owns those listeners; the signals are held weakly.
 */
const watches = new WeakMap<AbortSignal, Watch>()

interface Watch {
  readonly callbacks: Set<() => void>
  readonly onAbort: () => void
}

/** Calls back when the signal is aborted, unless it is unwatched before. Not for a signal that is aborted already. */
export function watchAbort(signal: AbortSignal, callback: () => void): void {
  let watch = watches.get(signal)
  if (watch === undefined) {
    watch = { callbacks: new Set(), onAbort: () => end(signal) }
    watches.set(signal, watch)
    signal.addEventListener('abort', watch.onAbort, { once: true })
  }
  watch.callbacks.add(callback)
}

/** Harmless for a callback that has been called, or was never given. */
export function unwatchAbort(signal: AbortSignal, callback: () => void): void {
  const watch = watches.get(signal)
  if (watch === undefined || !watch.callbacks.delete(callback) || watch.callbacks.size > 0) return
  watches.delete(signal)
  signal.removeEventListener('abort', watch.onAbort)
}

function end(signal: AbortSignal): void {
  // A callback may unwatch others, which are then not called any more: a Set leaves out what is deleted on the way.
  for (const callback of watches.get(signal)?.callbacks ?? []) callback()
  watches.delete(signal)
}
