/**
 * A link to a server that a test cuts where it hurts: a proxy on loopback that looks for a pattern in what clients send.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { ServerAddress } from './server-process.js'

/** What becomes of the next chunk of a client in which the pattern is found, and of what follows. */
export type Cut = 'before it arrives' | 'before the answer' | 'answers are held back'

export class CutLink {
  readonly port: number
  readonly #proxy: Server
  readonly #sockets = new Set<Socket>()
  #armed: { readonly pattern: RegExp; readonly cut: Cut } | undefined

  private constructor(proxy: Server) {
    this.#proxy = proxy
    this.port = (proxy.address() as AddressInfo).port
  }

  static async to(target: ServerAddress): Promise<CutLink> {
    const proxy = createServer()
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const link = new CutLink(proxy)
    proxy.on('connection', client => link.#join(client, target))
    return link
  }

  /** Once; links made before are concerned too. */
  arm(pattern: RegExp, cut: Cut): void {
    this.#armed = { pattern, cut }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#proxy.close()
    await once(this.#proxy, 'close')
  }

  #join(client: Socket, target: ServerAddress): void {
    const server = connect(target.port, target.host)
    let cut: Cut | undefined
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        server.destroy()
        this.#sockets.delete(socket)
      })
    }
    client.on('data', chunk => {
      if (this.#armed?.pattern.test(chunk.toString('latin1'))) {
        cut = this.#armed.cut
        this.#armed = undefined
      }
      if (cut === 'before it arrives') client.destroy()
      else server.write(chunk)
    })
    server.on('data', chunk => {
      if (cut === 'before the answer') client.destroy()
      else if (cut === undefined) client.write(chunk)
    })
  }
}
