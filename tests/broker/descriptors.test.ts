/**
 * A broker whose process may have few descriptors: ten thousand partitions, and connections that use up all there are.
 */
import { existsSync, readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { SeededRandom } from '@samsa/runtime'
import { expect, test } from 'vitest'
import { eventually } from '../behaviour/eventually.js'
import { BrokerProcess } from '../interop/broker-process.js'
import { temporaryFolder } from '../interop/temporary-folder.js'
import { proofSize } from '../proof-size.js'
import { PlainClient } from './plain-client.js'
import { SmallVolume } from './small-volume.js'

const PARTITIONS = proofSize('SAMSA_MANY_PARTITIONS', 10_000)
/** A request for more than ten thousand is refused. */
const PARTITIONS_PER_TOPIC = Math.min(PARTITIONS, 5000)
const TRIED = 600
/** Enough for Node to load the program. */
const FEW_DESCRIPTORS = 400

const reason = existsSync('/proc/self/fd') ? '' : ' (the system does not tell which descriptors a process has)'

function descriptorsOf({ processId }: BrokerProcess): number {
  return readdirSync(`/proc/${processId}/fd`).length
}

test.skipIf(reason !== '')(
  `${PARTITIONS} partitions are served with 1024 descriptors${reason}`,
  async () => {
    // In memory, where it can be: making ten thousand directories is not what is asked here.
    const volume = SmallVolume.make(1024)
    const folder = typeof volume === 'string' ? temporaryFolder() : volume
    const options = { dataDir: folder.path, maxDescriptors: 1024 }
    const random = new SeededRandom('descriptors')
    const written = new Map<number, string[]>()
    const topicOf = (partition: number): [string, number] => [
      `topic-${Math.floor(partition / PARTITIONS_PER_TOPIC)}`,
      partition % PARTITIONS_PER_TOPIC,
    ]
    let broker = await BrokerProcess.start(options)
    try {
      let client = await PlainClient.connect(broker.address)
      for (let topic = 0; topic * PARTITIONS_PER_TOPIC < PARTITIONS; topic++) {
        expect(await client.createTopic(`topic-${topic}`, PARTITIONS_PER_TOPIC)).toBe('NONE')
      }
      expect(descriptorsOf(broker)).toBeLessThan(600)
      for (let round = 0; round < TRIED; round++) {
        const partition = random.integer(0, PARTITIONS)
        const value = `${round}`
        expect(await client.produce(...topicOf(partition), value)).toBe('NONE')
        written.set(partition, [...(written.get(partition) ?? []), value])
      }
      expect(descriptorsOf(broker)).toBeLessThan(600)
      for (const [partition, values] of [...written].slice(0, 300)) {
        expect(await client.fetchAll(...topicOf(partition))).toEqual(values)
      }
      client.close()
      await broker.stop()
      broker = await BrokerProcess.start(options)
      client = await PlainClient.connect(broker.address)
      for (const [partition, values] of written) expect(await client.fetchAll(...topicOf(partition))).toEqual(values)
      expect(descriptorsOf(broker)).toBeLessThan(600)
      client.close()
    } finally {
      await broker.kill()
      folder.remove()
    }
  },
  300_000,
)

test.skipIf(reason !== '')(
  `when idle connections have all descriptors, those that are open are served, and new ones when some go${reason}`,
  async () => {
    const folder = temporaryFolder()
    const topics = ['events:60']
    const broker = await BrokerProcess.start({ dataDir: folder.path, topics, maxDescriptors: FEW_DESCRIPTORS })
    const idle = new Set<Socket>()
    try {
      const client = await PlainClient.connect(broker.address)
      const produceEverywhere = async (value: string): Promise<void> => {
        for (let partition = 0; partition < 60; partition++) {
          expect(await client.produce('events', partition, value)).toBe('NONE')
        }
      }
      await produceEverywhere('before')
      const { host, port } = addressOf(broker.address)
      for (let count = 0; count < FEW_DESCRIPTORS + 100; count++) {
        const socket = connect(port, host)
        idle.add(socket)
        socket.on('error', () => {}).once('close', () => idle.delete(socket))
      }
      await eventually(async () => (descriptorsOf(broker) >= FEW_DESCRIPTORS - 2 ? true : undefined))
      await produceEverywhere('meanwhile')
      expect(await client.fetchAll('events', 59)).toEqual(['before', 'meanwhile'])
      expect(await client.createTopic('more', 3)).toBe('NONE')
      expect(await client.produce('more', 2, 'a')).toBe('NONE')
      for (const socket of idle) socket.destroy()
      const late = await eventually(() => PlainClient.connect(broker.address).catch(() => undefined))
      expect(await eventually(() => late.produce('events', 0, 'after').catch(() => undefined))).toBe('NONE')
      late.close()
      client.close()
      await broker.stop()
    } finally {
      for (const socket of idle) socket.destroy()
      await broker.kill()
      folder.remove()
    }
  },
  60_000,
)

function addressOf(address: string): { host: string; port: number } {
  const separator = address.lastIndexOf(':')
  return { host: address.slice(0, separator), port: Number(address.slice(separator + 1)) }
}
