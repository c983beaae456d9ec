/**
 * What the tour of `npm start` concludes, and how it looks: that each of its checks can fail, and that a terminal gets colours
 * and a bar, and everything else plain lines.
 */
import { sqliteStore } from '@samsa/eos/sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ACCOUNTS, auditBank, OPENING_BALANCE, openBank } from '../../examples/tour/bank.js'
import { screenOn } from '../../examples/tour/screen.js'
import { checkProduced, checkShared, checkTransferred } from '../../examples/tour/verdict.js'
import { type TemporaryFolder, temporaryFolder } from '../interop/temporary-folder.js'

let folder: TemporaryFolder

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(() => folder.remove())

const produced = { acknowledged: 10, failed: 0, batches: 1, seconds: 1 }
const first = { name: 'first', handled: 6, partitions: 3, given: 6, takenAway: 3 }
const second = { name: 'second', handled: 4, partitions: 3, given: 3, takenAway: 0 }
const shared = { members: [first, second], distinct: 10, repeated: 0, seconds: 1 }
const audit = { total: 100, settled: 5, faults: [] }
const money = { transfers: 5, sent: 15, applied: 5, duplicates: 11, killedBy: 'SIGKILL', audit }

const failures = (checks: readonly { text: string; isPassed: boolean }[]): readonly string[] =>
  checks.filter(({ isPassed }) => !isPassed).map(({ text }) => text)

test('a tour in which everything went well passes', () => {
  expect(
    failures([...checkProduced(10, produced), ...checkShared(10, shared), ...checkTransferred(money, 100)]),
  ).toEqual([])
})

test.each([
  ['an order was not acknowledged', checkProduced(10, { ...produced, acknowledged: 9 }), /acknowledged: 9 of 10/],
  ['an order failed', checkProduced(10, { ...produced, failed: 1 }), /1 failed/],
  ['an order was not seen', checkShared(10, { ...shared, distinct: 9 }), /seen: 9 of 10/],
  ['one consumer had nothing', checkShared(10, { ...shared, members: [first, { ...second, handled: 0 }] }), /second 0/],
  [
    'nothing was taken away',
    checkShared(10, { ...shared, members: [{ ...first, takenAway: 0 }, second] }),
    /rebalanced/,
  ],
  ['nothing was given', checkShared(10, { ...shared, members: [first, { ...second, given: 0 }] }), /rebalanced/],
  ['no worker died', checkTransferred({ ...money, killedBy: null }, 100), /was killed/],
  ['a transfer was done twice', checkTransferred({ ...money, applied: 6 }, 100), /made once/],
  ['a transfer is lost', checkTransferred({ ...money, audit: { ...audit, settled: 4 } }, 100), /4 of 5/],
  ['an account is wrong', checkTransferred({ ...money, audit: { ...audit, faults: ['ann has 3'] } }, 100), /ann has 3/],
  ['money is gone', checkTransferred({ ...money, audit: { ...audit, total: 99 } }, 100), /99 before/],
  ['a duplicate went through', checkTransferred({ ...money, duplicates: 9 }, 100), /stopped: 9;/],
])('when %s, one check fails and says it', (_, checks, word) => {
  expect(failures(checks)).toEqual([expect.stringMatching(word)])
})

const transfers = [
  { id: 't0', from: 'ann', to: 'bob', amount: 5 },
  { id: 't1', from: 'bob', to: 'cem', amount: 7 },
]
const rightly = [
  ...transfers.flatMap(({ id, from, to, amount }) => [
    `INSERT INTO ledger VALUES ('${id}', '${from}', ${-amount})`,
    `INSERT INTO ledger VALUES ('${id}', '${to}', ${amount})`,
    `UPDATE accounts SET balance = balance - ${amount} WHERE id = '${from}'`,
    `UPDATE accounts SET balance = balance + ${amount} WHERE id = '${to}'`,
  ]),
]

async function audited(statements: readonly string[]) {
  const bank = `${folder.path}/bank.db`
  await openBank(bank)
  {
    await using store = sqliteStore(bank)
    await store.transaction(async tx => {
      for (const sql of statements) tx.run(sql)
    })
  }
  return auditBank(bank, transfers)
}

test('the auditor has nothing to say of a bank in which each transfer was made once', async () => {
  expect(await audited(rightly)).toEqual({ total: ACCOUNTS.length * OPENING_BALANCE, settled: 2, faults: [] })
})

test.each([
  ['a transfer is lost', rightly.slice(0, 4), { settled: 1 }, /t1 is not in the ledger/],
  ['half of one is lost', rightly.slice(0, 5), { settled: 1 }, /t1 is not in the ledger/],
  ['money was not debited', rightly.toSpliced(2, 1), { total: 10_005 }, /ann has 1000 where the transfers make 995/],
  ['a balance was changed twice', [...rightly, ...rightly.slice(2, 4)], { total: 10_000 }, /ann has 990/],
  [
    'there is an entry of nobody’s',
    [...rightly, "INSERT INTO ledger VALUES ('t9', 'ann', 1)"],
    {},
    /has 5 entries for 2/,
  ],
])('the auditor notices when %s', async (_, statements, found, fault) => {
  const audit = await audited(statements)
  expect(audit).toMatchObject(found)
  expect(audit.faults.join('\n')).toMatch(fault)
})

function shown(output: { isTTY?: boolean }, environment: Record<string, string> = {}): string {
  let text = ''
  const write = (part: string): void => {
    text += part
  }
  const screen = screenOn({ ...output, write }, environment)
  screen.step('Orders', 'a.ts')
  for (let done = 0; done <= 1_000; done++) screen.progress(done, 1_000, 5_000)
  screen.check(true, 'all there')
  return text
}

test('a terminal gets colours and a bar that is wiped away at the end', () => {
  const text = shown({ isTTY: true })
  expect(text).toContain(`\u001b[36m${'█'.repeat(32)}`)
  expect(text.endsWith('\r\u001b[K   \u001b[32m✓\u001b[0m all there\n')).toBe(true)
  expect(text.split('\r').length).toBeLessThan(210)
})

test('NO_COLOR leaves the bar and takes the colours', () => {
  const text = shown({ isTTY: true }, { NO_COLOR: '1' })
  expect(text).toContain('█'.repeat(32))
  expect(text).not.toContain('[3')
})

test.each([
  ['a file', {}, {}],
  ['a terminal that can do nothing', { isTTY: true }, { TERM: 'dumb' }],
])('%s gets a line at every quarter', (_, output, environment) => {
  expect(shown(output, environment).split('\n').slice(1)).toEqual([
    expect.stringMatching(/^1 {2}Orders +a\.ts$/),
    '     250 of 1,000  5,000/s',
    '     500 of 1,000  5,000/s',
    '     750 of 1,000  5,000/s',
    '   1,000 of 1,000  5,000/s',
    '   ✓ all there',
    '',
  ])
})
