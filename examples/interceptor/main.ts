/**
 * An interceptor: sees each record before it is sent, and its outcome. What it throws is logged and changes nothing.
 */
import { hostname } from 'node:os'
import { type Interceptor, Producer } from '@samsa/producer'

const bootstrapServers = process.env['BOOTSTRAP_SERVERS'] ?? 'localhost:9092'

let arrived = 0
let failed = 0

const signAndCount: Interceptor = {
  onSend: record => ({ ...record, headers: { 'sent-by': hostname() } }),
  onAcknowledgement: error => {
    if (error === undefined) arrived++
    else failed++
  },
}

const producer = new Producer({ bootstrapServers, interceptors: [signAndCount] })

for (let number = 0; number < 100; number++) void producer.send({ topic: 'greetings', value: `hello ${number}` })
// A topic that cannot be: the record fails, and the interceptor is told.
void producer.send({ topic: 'not a topic', value: 'hello' })

await producer.close()
console.log(`${arrived} arrived, ${failed} failed`)
