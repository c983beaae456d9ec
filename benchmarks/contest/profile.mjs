/**
 * Reads what `node --cpu-prof` wrote: the functions that take most of the time by themselves, and the files.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `{ functions, files, busyMs }`, each with its share of the time that was not idle, greatest first. */
export function hottest(folder, count) {
  const [file] = readdirSync(folder).filter(name => name.endsWith('.cpuprofile'))
  if (file === undefined) throw new Error(`there is no profile in ${folder}`)
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const byId = new Map(nodes.map(node => [node.id, node.callFrame]))
  const functions = new Map()
  const files = new Map()
  let busyMicroseconds = 0
  for (let index = 0; index < samples.length; index++) {
    const { functionName, url, lineNumber } = byId.get(samples[index])
    if (functionName === '(idle)' || functionName === '(root)') continue
    // A delta stands before its sample, so that the time behind a sample is the next one's.
    const microseconds = timeDeltas[index + 1] ?? 0
    busyMicroseconds += microseconds
    const place = placeOf(url)
    add(
      functions,
      `${functionName || '(anonymous)'} ${place === '' ? '' : `${place}:${lineNumber + 1}`}`.trim(),
      microseconds,
    )
    add(files, place === '' ? functionName : place, microseconds)
  }
  const ranked = times =>
    [...times]
      .sort(([, left], [, right]) => right - left)
      .slice(0, count)
      .map(([name, microseconds]) => ({ name, share: microseconds / busyMicroseconds }))
  return { functions: ranked(functions), files: ranked(files), busyMs: busyMicroseconds / 1000 }
}

function add(times, name, microseconds) {
  times.set(name, (times.get(name) ?? 0) + microseconds)
}

/** The last parts of a path say enough. */
function placeOf(url) {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  return path.split(/[\\/]/).slice(-3).join('/')
}
