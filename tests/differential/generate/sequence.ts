/**
 * From a seed to a sequence: nothing else goes in, so that a seed replays it.
 */
import { alterConfigs } from '@samsa/protocol'
import { SeededRandom } from '@samsa/runtime'
import type { Sequence } from '../run.js'
import { type Step, step } from '../step.js'
import { changeSettings, describeSettings, listResources, replaceSettings } from './configs.js'
import { read } from './fetch.js'
import { spoilt } from './frames.js'
import { initProducer, write } from './produce.js'
import * as queries from './queries.js'
import { create, describePartitions, describeTopics, firstTopic, remove, widen } from './topics.js'
import { Draw, World } from './world.js'

type Make = (world: World) => Step

const weighted: readonly (readonly [weight: number, make: Make])[] = [
  [24, write],
  [22, read],
  [9, queries.offsets],
  [5, create],
  [4, remove],
  [3, widen],
  [6, describeTopics],
  [4, describePartitions],
  [5, describeSettings],
  [3, replaceSettings],
  [5, changeSettings],
  [2, listResources],
  [5, queries.cutRecords],
  [4, queries.epochs],
  [5, initProducer],
  [4, queries.producers],
  [3, queries.logDirs],
  [2, queries.cluster],
  [3, queries.versions],
  [2, queries.elect],
  [2, queries.reassign],
  [1, queries.reassignments],
  [1, queries.coordinator],
]

const total = weighted.reduce((sum, [weight]) => sum + weight, 0)
const BROKER = 4

/** A sequence in twenty runs alone, since it may change settings of the broker. */
export function isAlone(number: number): boolean {
  return number % 20 === 19
}

export function sequenceOf(seed: string, number: number): Sequence {
  const draw = new Draw(new SeededRandom(`${seed}/${number}`))
  const world = new World(draw, `dt${number}-`, isAlone(number))
  const steps = [firstTopic(world)]
  const count = draw.between(3, 11)
  while (steps.length < count) steps.push(...some(world))
  return { seed: `${seed}/${number}`, prefix: world.prefix, steps, finally: world.isAlone ? restored() : [] }
}

function some(world: World): Step[] {
  const make = drawn(world.draw)
  if (make === initProducer && world.live.length > 0) return [make(world), write(world)]
  return [world.draw.percent(3) ? spoilt(world, make) : make(world)]
}

function drawn(draw: Draw): Make {
  let left = draw.integer(0, total)
  for (const [weight, make] of weighted) {
    left -= weight
    if (left < 0) return make
  }
  return write
}

/** The broker's settings as they were. */
function restored(): Step[] {
  const ofAll = [{ name: 'min.insync.replicas', value: '1' }]
  const resources = [
    { resourceType: BROKER, resourceName: '1', configs: [] },
    { resourceType: BROKER, resourceName: '', configs: ofAll },
  ]
  return [step(alterConfigs, 2, { resources, validateOnly: false })]
}
