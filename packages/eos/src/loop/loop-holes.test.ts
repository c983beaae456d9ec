/**
 * What a loop does not cover, as the documentation's table says it: each hole is there.
 */
import { expect, test } from 'vitest'
import { SeenIds } from '../kafka-store/seen-ids.js'
import { LoopScene, type SceneWork } from './test-loop-scene.js'

const copy: SceneWork = (records, out) => {
  for (const { value } of records) void out.send({ topic: 'out', value })
}

test('what the work does besides sending happens again when its transaction is aborted', async () => {
  const scene = new LoopScene()
  scene.write('a')
  const mails: (string | null)[] = []
  await scene.run((records, out, context) => {
    copy(records, out, context)
    for (const { value } of records) mails.push(value)
    if (mails.length === 1) throw new Error('a bad moment')
  })
  expect(scene.values).toEqual(['a'])
  expect(mails).toEqual(['a', 'a'])
})

test('attempts are counted in memory: another process begins with the first', async () => {
  const scene = new LoopScene({ config: { poison: { attempts: 3 } } })
  scene.write('a')
  const attempts: number[] = []
  const work: SceneWork = (_records, _out, { attempt }) => {
    attempts.push(attempt)
    // As a process would that is killed.
    if (attempts.length === 2) scene.stop()
    throw new Error('a bad moment')
  }
  await scene.run(work)
  await expect(scene.run(work)).rejects.toMatchObject({ attempts: 3 })
  expect(attempts).toEqual([1, 2, 1, 2, 3])
})

test('an id is not known behind ttlMs, and not behind maxIds others of its partition', () => {
  const ids = new SeenIds({ maxIds: 2, ttlMs: 1000 })
  ids.add('a', 0, '')
  expect(ids.fingerprint('a', 1000)).toBeUndefined()
  expect(ids.outgoing(new Set(['b', 'c']), 0)).toEqual(['a'])
})
