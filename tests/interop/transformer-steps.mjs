/**
 * What programs that consume, transform and produce have in common: the job, which is JSON in the first argument, and the
 * steps of each transaction, each told on a line. At the step that the job names the program says so; there the test kills it.
 */

/** `{ address, topic, outputs, groupId, transactionalId, transactionTimeoutMs, most, halt: { at, after } }` */
export const job = JSON.parse(process.argv[2])

/** With it the transaction goes on while the process is killed; at the other steps it stays as it is. */
const RACING = 'commit'

let committed = 0

/** `sent`: its records are acknowledged. `offsets`: those of the group too. `commit`: it is about to be asked for. `committed`. */
export async function reached(step) {
  if (step === 'committed') committed++
  process.stdout.write(`${step}\n`)
  const { halt } = job
  if (halt === undefined || step !== halt.at || committed < halt.after) return
  process.stdout.write('halted\n')
  if (step === RACING) return
  // A promise does not keep a process alive.
  setInterval(() => {}, 60_000)
  await new Promise(() => {})
}

export function transformed(value) {
  return `${value}!`
}

/** Whoever started the program starts it anew. */
export function fail(error) {
  console.error(error)
  process.exit(1)
}
