/**
 * Failpoints: the named steps between which a crash must do no harm. `SAMSA_EOS_FAILPOINT=name:n` ends the process by SIGKILL
 * the n-th time that it reaches the step; a test in the same process arms one with what it wants to happen there.
 */

export const failpointNames = [
  'dedup.afterBegin',
  'dedup.afterInsert',
  'dedup.afterHandler',
  'dedup.afterClaim',
  'dedup.beforeComplete',
  'dedup.afterComplete',
  'dedup.batchAfterInsert',
  'dedup.batchAfterHandler',
  'retry.afterSend',
  'deadLetter.afterCount',
  'deadLetter.afterSend',
  'ledger.afterInsert',
  'ledger.afterHandler',
  'versionCheck.afterUpdate',
  'versionCheck.afterHandler',
  'offsets.afterAcquire',
  'offsets.afterWork',
  'offsets.afterAdvance',
  'relay.afterRead',
  'relay.afterSend',
  'relay.afterAck',
  'relay.afterCommit',
  'relay.afterRemove',
  'tx.beforeCommit',
  'tx.afterCommit',
  'loop.afterPoll',
  'loop.afterSend',
  'loop.afterSendOffsets',
  'loop.beforeCommit',
  'loop.afterCommit',
] as const

export type FailpointName = (typeof failpointNames)[number]

interface ArmedFailpoint {
  readonly name: string
  left: number
  readonly action: () => void
}

let armed: ArmedFailpoint | undefined = readFailpoint(process.env['SAMSA_EOS_FAILPOINT'])

export function reach(name: FailpointName): void {
  if (armed === undefined || armed.name !== name) return
  armed.left--
  if (armed.left !== 0) return
  const { action } = armed
  armed = undefined
  action()
}

/** One at a time; what is armed goes off once. */
export function armFailpoint(name: FailpointName, count: number, action: () => void): void {
  armed = { name, left: count, action }
}

export function disarmFailpoint(): void {
  armed = undefined
}

function readFailpoint(text: string | undefined): ArmedFailpoint | undefined {
  if (text === undefined || text === '') return undefined
  const [name = '', count = '1'] = text.split(':')
  const isKnown = (failpointNames as readonly string[]).includes(name)
  if (!isKnown || !/^[1-9]\d*$/.test(count)) {
    throw new TypeError(`SAMSA_EOS_FAILPOINT must be name:n with one of ${failpointNames.join(', ')}, got ${text}`)
  }
  return { name, left: Number(count), action: () => void process.kill(process.pid, 'SIGKILL') }
}
