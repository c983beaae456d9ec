/**
 * SQLite says what the store in memory says, whatever workers do in turn; and a store that breaks a rule is found, with a schedule
 * that is short. SAMSA_MODEL_SEEDS and SAMSA_MODEL_FIRST change how many seeds and from which.
 */
import { ManualClock } from '@samsa/runtime'
import { afterAll, expect, test } from 'vitest'
import { type MemoryStore, memoryStore } from '../memory/memory-store.js'
import { sqliteStore } from '../sqlite/sqlite-store.js'
import { removeTemporaryFiles, temporaryPath } from '../test-files.js'
import { checkAgainstModel } from './model-check.js'
import type { ContractStores, StoreUnderTest } from './store-case.js'

const SEEDS = Number(process.env['SAMSA_MODEL_SEEDS'] ?? 12)
const FIRST = Number(process.env['SAMSA_MODEL_FIRST'] ?? 1)
const MS_PER_SEED = 10_000

afterAll(removeTemporaryFiles)

test(
  `SQLite is as the model over ${SEEDS} schedules`,
  async () => {
    const opened: { close(): Promise<void> }[] = []
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      await checkAgainstModel(
        () => {
          const clock = new ManualClock()
          const store = sqliteStore(temporaryPath(`model-${seed}-${opened.length}.db`), { clock })
          opened.push(store)
          return { store, passMs: ms => clock.advance({ ms }) }
        },
        { seed: `model ${seed}` },
      )
    }
    for (const store of opened) await store.close()
  },
  30_000 + SEEDS * MS_PER_SEED,
)

type Broken = Partial<Record<'claim' | 'renew' | 'complete' | 'release' | 'advance' | 'insertOnce', unknown>>

/** A store in memory of which some methods are others. */
function broken(change: (store: MemoryStore) => Broken): () => StoreUnderTest {
  return () => {
    const clock = new ManualClock()
    const store = memoryStore({ clock })
    const changed = change(store)
    const proxy = new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(changed, name) ?? Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    return { store: proxy as ContractStores['leases'], passMs: ms => clock.advance({ ms }) }
  }
}

const rules: readonly [string, (store: MemoryStore) => Broken][] = [
  [
    'a claim that is another’s is completed',
    store => ({
      complete: async ({ scope, key, epoch }: { scope: string; key: string; epoch: number }, ttlMs: number) => {
        const taken = await store.claim({ scope, key, owner: 'thief', leaseMs: 1, ttlMs })
        const claim = { scope, key, owner: 'thief', epoch: taken.status === 'claimed' ? taken.epoch : epoch }
        return (await store.complete(claim, ttlMs)) || true
      },
    }),
  ],
  [
    'a lease is not waited for',
    store => ({ claim: (request: object) => store.claim({ ...request, owner: 'one' } as never) }),
  ],
  ['a lost lease is renewed', () => ({ renew: async () => true })],
  ['nothing is given back', () => ({ release: async () => true })],
  ['an offset moves without its fence', () => ({ advance: async () => true })],
  [
    'ids are not remembered',
    () => ({ insertOnce: async (_tx: unknown, rows: readonly unknown[]) => rows.map(() => ({ isFresh: true })) }),
  ],
]

test.each(rules)('it is found when %s', async (_rule, change) => {
  const failures: string[] = []
  for (let seed = 1; seed <= 10 && failures.length === 0; seed++) {
    await checkAgainstModel(broken(change), { seed: `broken ${seed}` }).catch((error: Error) =>
      failures.push(error.message),
    )
  }
  const [failure = ''] = failures
  expect(failure).toMatch(/^The seed 'broken \d+' ends in a difference:\n/)
  expect(failure.split('\n').length, failure).toBeLessThan(12)
})

test('the same seed is the same schedule', async () => {
  const failureOf = () =>
    checkAgainstModel(
      broken(() => ({ renew: async () => true })),
      { seed: 'again', steps: 200 },
    ).catch(String)
  expect(await failureOf()).toContain('renew')
  expect(await failureOf()).toBe(await failureOf())
})
