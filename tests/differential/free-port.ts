/**
 * Ports that nobody listens on, for programs that have to be told theirs.
 */
import { createServer, type Server } from 'node:net'

const TRIES = 50

/** A port that is free together with the one `distance` above it. */
export async function freePort(distance: number): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const first = await listening(0)
    if (first === undefined) continue
    const { port } = first
    const second = port + distance < 65_536 ? await listening(port + distance) : undefined
    await closed(first.server)
    if (second === undefined) continue
    await closed(second.server)
    return port
  }
  throw new Error(`no two ports that are ${distance} apart are free`)
}

interface Listening {
  readonly server: Server
  readonly port: number
}

function listening(port: number): Promise<Listening | undefined> {
  return new Promise(resolve => {
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
