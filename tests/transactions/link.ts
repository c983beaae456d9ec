/**
 * Link: the way of one process to the broker, which can be cut and mended. Owner of the streams that lead over it.
 */
import type { Address } from '@samsa/client'
import type { ByteStream } from '@samsa/runtime/internal'
import type { TestKafka } from '../producer-faults/test-kafka.js'

export class Link {
  readonly #kafka: TestKafka
  readonly #streams = new Set<ByteStream>()
  #isCut = false

  constructor(kafka: TestKafka) {
    this.#kafka = kafka
  }

  readonly transport = async (address: Address): Promise<ByteStream> => {
    if (this.#isCut) throw new Error('the link is cut')
    const stream = await this.#kafka.transport(address)
    this.#streams.add(stream)
    return stream
  }

  cut(): void {
    this.#isCut = true
    for (const stream of this.#streams) stream.destroy(new Error('the link is cut'))
    this.#streams.clear()
  }

  mend(): void {
    this.#isCut = false
  }
}
