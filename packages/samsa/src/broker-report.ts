/**
 * What `samsa broker` prints once the broker answers: for people, with lines to paste, and for programs.
 */

/** Apart from the line it stands in, which is for the user's program: this one imports no such package. */
const CLIENT = `'kafkajs'`

/** What the report tells of a broker. */
export interface ReportedBroker {
  readonly bootstrapServers: string
  readonly host: string
  readonly port: number
  readonly clusterId: string
  readonly dataDir: string | undefined
}

export function startText(broker: ReportedBroker): string {
  const { bootstrapServers, dataDir } = broker
  return `Samsa's broker is running.

  bootstrap servers  ${bootstrapServers}
  data               ${dataDir ?? 'in memory: gone when it stops'}

Try it from another terminal:

  echo hello | kcat -b ${bootstrapServers} -P -t greetings
  kcat -b ${bootstrapServers} -C -t greetings -e

or from kafkajs:

  const { Kafka } = require(${CLIENT})
  const producer = new Kafka({ brokers: ['${bootstrapServers}'] }).producer()
  producer.connect().then(() => producer.send({ topic: 'greetings', messages: [{ value: 'hello' }] }))
    .then(() => producer.disconnect())

Ctrl-C stops it.
`
}

export function startLine(broker: ReportedBroker): string {
  const { bootstrapServers, host, port, clusterId, dataDir = null } = broker
  return `${JSON.stringify({ event: 'started', bootstrapServers, host, port, clusterId, dataDir, processId: process.pid })}\n`
}
