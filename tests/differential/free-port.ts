/**
 * Ports that nobody listens on, for programs that have to be told theirs.
 */
import { createServer, type Server } from 'node:net'

const TRIES = 50

/** A port that is free together with those that are the distances above it. */
export async function freePort(...distances: readonly number[]): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const first = await listening(0)
    if (first === undefined) continue
    const { port } = first
    const others = await Promise.all(distances.map(distance => listening(port + distance)))
    await Promise.all([first, ...others].map(each => each && closed(each.server)))
    if (others.every(each => each !== undefined)) return port
  }
  throw new Error(`no port is free together with those ${distances.join(', ')} above it`)
}

interface Listening {
  readonly server: Server
  readonly port: number
}

function listening(port: number): Promise<Listening | undefined> {
  return new Promise(resolve => {
    if (port > 65_535) return resolve(undefined)
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? { server, port: address.port } : undefined)
    })
  })
}

function closed(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
  })
}
