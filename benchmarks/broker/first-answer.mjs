/**
 * How long a program waits for a broker of its own: from `createBroker()` in memory to the first answer, in a fresh process.
 * Prints milliseconds.
 */
import { createBroker } from '@samsa/broker'
import { Connection, connectTcp, parseAddress } from '@samsa/client'
import { apiVersions } from '@samsa/protocol'

const startedAt = performance.now()
const broker = await createBroker({ port: 0 })
const connection = new Connection(await connectTcp(parseAddress(broker.bootstrapServers)))
await connection.request(apiVersions, 3, { clientSoftwareName: 'benchmark', clientSoftwareVersion: '0.0.0' })
process.stdout.write(String(performance.now() - startedAt))
connection.close()
await broker.close()
