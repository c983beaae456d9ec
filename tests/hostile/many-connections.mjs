/**
 * Opens thousands of connections to one broker, in a process of its own with file descriptors of its own: takes host, port
 * and count, lets each connection ask and be answered once, tells over the channel to its parent when all are, and holds
 * them until it is told to let go. Addresses of the loopback network take turns, each of which has ports of its own.
 */
import { connect } from 'node:net'
import { apiVersions, encodeRequest } from '@samsa/protocol'

const AT_ONCE = 200
const PER_ADDRESS = 5000

const [host, port, count] = process.argv.slice(2)
const request = Buffer.concat(
  encodeRequest(
    apiVersions,
    { clientSoftwareName: 'many', clientSoftwareVersion: '1' },
    { version: 3, correlationId: 1, clientId: 'many' },
  ),
)
const sockets = []

function open(index) {
  return new Promise((resolve, reject) => {
    const localAddress = `127.0.0.${2 + Math.floor(index / PER_ADDRESS)}`
    const socket = connect({ host, port: Number(port), localAddress })
    sockets.push(socket)
    socket.once('error', reject)
    socket.once('connect', () => socket.write(request))
    socket.once('data', resolve)
  })
}

let next = 0
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next < Number(count)) await open(next++)
  }),
)
process.on('message', () => {
  for (const socket of sockets) socket.destroy()
  process.disconnect()
})
process.send({ opened: sockets.length })
