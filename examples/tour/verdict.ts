/**
 * What the tour has to show, as checks on what it saw. Pure.
 */
import type { Produced } from './produce-orders.js'
import { counted } from './screen.js'
import type { Shared } from './share-orders.js'
import type { Transferred } from './transfer-money.js'

export interface Check {
  readonly text: string
  readonly isPassed: boolean
}

export function checkProduced(count: number, { acknowledged, failed }: Produced): readonly Check[] {
  return [
    {
      text: `every order was acknowledged: ${counted(acknowledged)} of ${counted(count)}, ${counted(failed)} failed`,
      isPassed: acknowledged === count && failed === 0,
    },
  ]
}

export function checkShared(count: number, { members, distinct, repeated }: Shared): readonly Check[] {
  const parts = members.map(({ name, handled }) => `${name} ${counted(handled)}`).join(', ')
  const [first, second] = members
  return [
    {
      text: `every order was seen: ${counted(distinct)} of ${counted(count)}, ${counted(repeated)} of them again`,
      isPassed: distinct === count,
    },
    { text: `both consumers had their share: ${parts}`, isPassed: members.every(({ handled }) => handled > 0) },
    {
      text: 'the group rebalanced: partitions went from the first to the second',
      isPassed: (first?.takenAway ?? 0) > 0 && (second?.given ?? 0) > 0,
    },
  ]
}

export function checkTransferred(money: Transferred, openingTotal: number): readonly Check[] {
  const { transfers, sent, applied, duplicates, killedBy, audit } = money
  const [fault] = audit.faults
  const onPurpose = sent - transfers
  return [
    { text: `a worker was killed within a transfer (${killedBy ?? 'it was not'})`, isPassed: killedBy === 'SIGKILL' },
    {
      text: `every transfer was made, and made once: ${counted(audit.settled)} of ${counted(transfers)}`,
      isPassed: audit.settled === transfers && applied === transfers,
    },
    {
      text: fault === undefined ? 'every account balances with its ledger' : `the accounts are wrong: ${fault}`,
      isPassed: fault === undefined,
    },
    {
      text: `no money came or went: ${counted(audit.total)} before and after`,
      isPassed: audit.total === openingTotal,
    },
    {
      text: `duplicates stopped: ${counted(duplicates)}; ${counted(onPurpose)} were sent on purpose, ${counted(duplicates - onPurpose)} came of the crash`,
      isPassed: duplicates >= onPurpose,
    },
  ]
}
