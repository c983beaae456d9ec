/**
 * Asks V8, through Node's inspector, what a task allocates and where its time goes. Both run the task with the profiler
 * on, apart from any timing.
 */
import { type HeapProfiler, Session } from 'node:inspector/promises'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import type { Contender } from './benchmark.ts'
import { kept } from './rounds.ts'

const SAMPLING_INTERVAL_BYTES = 2048
const PROFILE_INTERVAL_MICROSECONDS = 200

/** Bytes on V8's heap that one run allocates, whether they are collected or not; memory of Buffers is not among them. */
export async function heapBytesPerRun(contender: Contender, durationMs: number): Promise<number> {
  const session = new Session()
  session.connect()
  try {
    await session.post('HeapProfiler.enable')
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: SAMPLING_INTERVAL_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    })
    const runs = await runFor(contender, durationMs)
    const { profile } = await session.post('HeapProfiler.stopSampling')
    return sampledBytes(profile.head) / runs
  } finally {
    session.disconnect()
  }
}

export interface FunctionShare {
  readonly name: string
  readonly where: string
  /** Of the samples: from 0 to 1. */
  readonly share: number
}

/** The functions that take most of the time by themselves. */
export async function hottestFunctions(
  contender: Contender,
  durationMs: number,
  count: number,
): Promise<FunctionShare[]> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: PROFILE_INTERVAL_MICROSECONDS })
    await runFor(contender, durationMs / 4)
    await session.post('Profiler.start')
    await runFor(contender, durationMs)
    const { profile } = await session.post('Profiler.stop')
    const hits = new Map<string, { name: string; where: string; hits: number }>()
    let total = 0
    for (const { callFrame, hitCount = 0 } of profile.nodes) {
      const name = callFrame.functionName || '(anonymous)'
      const where = callFrame.url === '' ? '' : `${placeOf(callFrame.url)}:${callFrame.lineNumber + 1}`
      const entry = hits.get(`${name} ${where}`) ?? { name, where, hits: 0 }
      entry.hits += hitCount
      total += hitCount
      hits.set(`${name} ${where}`, entry)
    }
    const ranked = [...hits.values()].sort((left, right) => right.hits - left.hits)
    return ranked.slice(0, count).map(({ name, where, hits: own }) => ({ name, where, share: own / total }))
  } finally {
    session.disconnect()
  }
}

async function runFor(contender: Contender, durationMs: number): Promise<number> {
  const start = performance.now()
  let runs = 0
  let elapsedMs = 0
  // The clock is looked at about once a millisecond: short runs would be profiled as little else.
  for (let stride = 1; elapsedMs < durationMs; elapsedMs = performance.now() - start) {
    for (let left = stride; left > 0; left--) kept.last = contender.isAsync ? await contender.run() : contender.run()
    runs += stride
    stride = Math.max(1, Math.round(runs / Math.max(performance.now() - start, 1)))
  }
  return runs
}

function sampledBytes(node: HeapProfiler.SamplingHeapProfileNode): number {
  return node.children.reduce((sum, child) => sum + sampledBytes(child), node.selfSize)
}

/** The last parts of a path say enough. */
function placeOf(url: string): string {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  return path.split(/[\\/]/).slice(-2).join('/')
}
