/**
 * Runs one example: `npm run example -- NAME`. With a broker of its own, in memory and gone at the end, unless BOOTSTRAP_SERVERS
 * names a Kafka. The example does not know the difference: to it a Kafka is an address.
 */
import { existsSync, readdirSync } from 'node:fs'
import { Admin } from '@samsa/client'
import { startBroker } from './embedded-broker.js'
import { topicsOf } from './topics.js'

const WRONG_USE = 2
const here = new URL('./', import.meta.url)
const programOf = (name: string): URL => new URL(`${name}/main.js`, here)
const names = readdirSync(here).filter(name => existsSync(programOf(name)))

const [name] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  console.error(
    `${name === undefined ? 'Which example?' : `There is no example ${name}.`} There are:\n  ${names.join('\n  ')}`,
  )
  process.exitCode = WRONG_USE
} else if (process.env['BOOTSTRAP_SERVERS'] === undefined) {
  await using broker = await startBroker()
  process.env['BOOTSTRAP_SERVERS'] = broker.bootstrapServers
  await import(programOf(name).href)
} else {
  await makeTopics(process.env['BOOTSTRAP_SERVERS'], name)
  await import(programOf(name).href)
}

async function makeTopics(bootstrapServers: string, example: string): Promise<void> {
  await using admin = new Admin({ bootstrapServers })
  const there = new Set((await admin.listTopics()).map(topic => topic.name))
  const missing = Object.entries(topicsOf[example] ?? {}).filter(([topic]) => !there.has(topic))
  if (missing.length > 0) await admin.createTopics(missing.map(([topic, partitions]) => ({ name: topic, partitions })))
}
