import type { TopicPartition } from '@samsa/consumer'
import { AsIs } from '@samsa/producer/internal'
import { ManualClock } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { SeenIds } from '../kafka-store/seen-ids.js'
import { IdScreen } from './id-screen.js'
import { placeName } from './place-name.js'
import { LoopScene, type SceneRecord, type SceneWork } from './test-loop-scene.js'

/** What a changelog does, with what the scene has committed to the topic `ids`. */
class TestChangelog {
  readonly clock = new ManualClock()
  readonly restored: string[] = []
  scene: LoopScene | undefined

  async restore(places: readonly TopicPartition[]): Promise<ReadonlyMap<string, SeenIds>> {
    this.restored.push(...places.map(placeName))
    return new Map(places.map(place => [placeName(place), this.#idsOf(place)]))
  }

  recordOf({ partition }: TopicPartition, id: string, value: string | null, timestamp: number) {
    return { topic: 'ids', partition, key: id, value, timestamp }
  }

  #idsOf({ partition }: TopicPartition): SeenIds {
    const ids = new SeenIds({ maxIds: 4, ttlMs: 60_000 })
    for (const { topic, partition: of, key, value, timestamp } of this.scene?.output ?? []) {
      if (topic !== 'ids' || of !== partition) continue
      const id = String((key as unknown as AsIs).content)
      if (value === null) ids.remove(id)
      else
        ids.add(
          id,
          timestamp ?? 0,
          String((value as unknown as AsIs | '') === '' ? '' : (value as unknown as AsIs).content),
        )
    }
    return ids
  }
}

const copy: SceneWork = (records, out) => {
  for (const { value } of records) void out.send({ topic: 'out', value })
}

interface Screened {
  readonly maxBatch?: number
  readonly partitions?: number
  readonly key?: (record: SceneRecord) => string | null
  readonly fingerprint?: false
}

function screened(options: Screened = {}) {
  const { maxBatch = 10, partitions = 1, key = ({ value }) => value, fingerprint } = options
  const changelog = new TestChangelog()
  const duplicates: string[] = []
  const onDuplicate = ({ value }: SceneRecord): void => void duplicates.push(value ?? '')
  const ids = new IdScreen<string, string>({ key, fingerprint, onDuplicate }, changelog)
  const config = { maxBatch, workTimeoutMs: 5000, poison: { attempts: 2, deadLetter: 'dead' } }
  const scene = new LoopScene({ ids, partitions, config })
  changelog.scene = scene
  const came = (): string[] => scene.output.filter(({ topic }) => topic === 'out').map(({ value }) => String(value))
  return { scene, changelog, duplicates, came }
}

describe('ids of a loop', () => {
  test('leave out what comes again, within a transaction and in a later one, and its offset moves', async () => {
    const { scene, duplicates, came } = screened({ maxBatch: 3 })
    scene.write('a', 'a', 'b', 'a', 'c', 'b')
    await scene.run(copy)
    expect(came()).toEqual(['a', 'b', 'c'])
    expect(duplicates).toEqual(['a', 'a', 'b'])
    expect(scene.committed.get('in-0')).toBe(6n)
  })

  test('are known to the next run, from what was committed', async () => {
    const { scene, changelog, came } = screened()
    scene.write('a', 'b')
    await scene.run(copy)
    scene.write('b', 'c', 'a')
    await scene.run(copy)
    expect(came()).toEqual(['a', 'b', 'c'])
    expect(changelog.restored).toEqual(['in-0', 'in-0'])
  })

  test('are read again when the partition was away: another consumer may have added some', async () => {
    const { scene, changelog, came, duplicates } = screened({ maxBatch: 1 })
    scene.write('a', 'b')
    let isAway = false
    await scene.run(async (records, out, context) => {
      copy(records, out, context)
      if (isAway) return
      isAway = true
      scene.consumer.beforePoll = async () => {
        await scene.consumer.lose(scene.places)
        const timestamp = changelog.clock.now()
        scene.output.push({ topic: 'ids', partition: 0, key: new AsIs('b') as never, value: '', timestamp })
        scene.consumer.assign(scene.places)
      }
      await scene.clock.sleep(1500)
    })
    expect(came()).toEqual(['a'])
    expect(duplicates).toEqual(['b'])
    expect(changelog.restored).toEqual(['in-0', 'in-0'])
  })

  test('count only when their transaction is committed', async () => {
    const { scene, came, duplicates } = screened()
    scene.write('a', 'b')
    let calls = 0
    await scene.run((records, out, context) => {
      copy(records, out, context)
      if (++calls === 1) throw new Error('a bad moment')
    })
    expect(came()).toEqual(['a', 'b'])
    expect(duplicates).toEqual([])
  })

  test('are forgotten, the oldest first, when there are too many', async () => {
    const { scene, came } = screened({ maxBatch: 1 })
    scene.write('a', 'b', 'c', 'd', 'e', 'e', 'a')
    await scene.run(copy)
    expect(came()).toEqual(['a', 'b', 'c', 'd', 'e', 'a'])
    const forgotten = scene.output.filter(({ topic, value }) => topic === 'ids' && value === null)
    expect(forgotten.map(({ key }) => key as unknown)).toEqual([new AsIs('a'), new AsIs('b')])
  })

  test('of each partition are its own', async () => {
    const { scene, came } = screened({ partitions: 2 })
    scene.write('a', 'a')
    await scene.run(copy)
    expect(came()).toEqual(['a', 'a'])
  })

  test('under which another content comes are no duplicates: that record is set aside, and said to be so', async () => {
    const first = ({ value }: SceneRecord): string => String(value).slice(0, 1)
    const { scene, came, duplicates } = screened({ key: first })
    scene.write('a1', 'a1', 'a2', 'b1')
    await scene.run(copy)
    expect(came()).toEqual(['a1', 'b1'])
    expect(duplicates).toEqual(['a1'])
    const [letter] = scene.output.filter(({ topic }) => topic === 'dead')
    expect(Object.fromEntries(letter?.headers as never)).toMatchObject({
      'dead-letter-offset': '2',
      'dead-letter-error-name': 'PayloadMismatchError',
    })
  })

  test('under which another content comes stay duplicates where nothing is compared', async () => {
    const first = ({ value }: SceneRecord): string => String(value).slice(0, 1)
    const { scene, came } = screened({ key: first, fingerprint: false })
    scene.write('a1', 'a2')
    await scene.run(copy)
    expect(came()).toEqual(['a1'])
  })

  test('a record without one is set aside at once', async () => {
    const { scene, came } = screened()
    scene.write('a', '', 'b')
    await scene.run(copy)
    expect(came()).toEqual(['a', 'b'])
    expect(scene.output.filter(({ topic }) => topic === 'dead')).toHaveLength(1)
  })
})
