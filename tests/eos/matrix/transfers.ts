/**
 * Transfers of money between accounts, delivered more than once; and the judge of what has become of them: no transfer is lost,
 * none is done twice, and the sum of all balances stays.
 */
import { SeededRandom } from '@samsa/runtime'
import { accounts, type Books, type Leg, legsOf } from './banks.mjs'

export interface Transfer {
  readonly id: string
  readonly number: number
  readonly from: string
  readonly to: string
  readonly amount: number
}

/** In the order of their numbers, with repetitions of earlier ones in between. */
export function deliveries(seed: string, count: number): readonly Transfer[] {
  const random = new SeededRandom(seed)
  const transfers: Transfer[] = []
  return Array.from({ length: count }, (_, number) => {
    const [from = '', to = ''] = accounts.toSorted(() => random.next() - 0.5)
    transfers.push({ id: `t${number}`, number, from, to, amount: random.integer(1, 100) })
    const repeated = Array.from({ length: random.integer(0, 3) }, () => transfers[random.integer(0, transfers.length)])
    return [transfers[number], ...repeated].filter(transfer => transfer !== undefined)
  }).flat()
}

/** What must have been done in the end: each transfer, or each record of one under a name of its own. */
export function expected(sent: readonly Transfer[], unit: 'transfer' | 'record'): readonly Transfer[] {
  if (unit === 'transfer') return [...new Set(sent)]
  return sent.map((transfer, offset) => ({ ...transfer, id: `${transfer.id}@${offset}` }))
}

export function bookProblems({ balances, legs }: Books, done: readonly Transfer[]): readonly string[] {
  const problems = legProblems(legs, done)
  if (sumOf(balances.map(({ balance }) => balance)) !== 0) problems.push('the balances have another sum')
  for (const { id, balance } of balances) {
    const sum = sumOf(legs.filter(({ account }) => account === id).map(({ amount }) => amount))
    if (Number(balance) !== sum) problems.push(`${id} has ${balance} where its legs give ${sum}`)
  }
  return problems
}

/** Each leg is there once, or where `mayRepeat` at least once; and nothing else is. */
export function legProblems(legs: readonly Leg[], done: readonly Transfer[], mayRepeat = false): string[] {
  const counts = new Map<string, number>()
  for (const leg of legs) counts.set(nameOf(leg), (counts.get(nameOf(leg)) ?? 0) + 1)
  const problems: string[] = []
  for (const leg of done.flatMap(legsOf)) {
    const count = counts.get(nameOf(leg)) ?? 0
    counts.delete(nameOf(leg))
    if (count !== 1 && !(mayRepeat && count > 1)) problems.push(`the leg ${nameOf(leg)} is there ${count} times`)
  }
  for (const name of counts.keys()) problems.push(`the leg ${name} is there, and should not be`)
  return problems
}

function nameOf({ transfer, account, amount }: Leg): string {
  return `${transfer} ${account} ${amount}`
}

function sumOf(amounts: readonly unknown[]): number {
  return amounts.reduce((sum: number, amount) => sum + Number(amount), 0)
}
