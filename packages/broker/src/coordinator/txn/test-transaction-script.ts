/**
 * Runs scenarios of transactional ids: text of commands, each with the trace that is expected below it.
 *
 *     init x                    (also: timeout=10s as=ID:EPOCH)
 *     add x t-0,t-1             to the transaction; `v2` for a producer of the second generation
 *     verify x t-0
 *     end x commit              or abort; `v2` likewise
 *     wait 10s
 *     markers held              or failing, or written: what becomes of markers from now on; `written` writes what is held
 *     disk slow                 or full, or fine: records are safe only with the next `disk fine`; none are taken
 *     crash                     what is not safe is lost, and another shard loads the rest
 *     epoch x 32765             as if the producer had come so far
 *     server 1                  the level of transaction.version
 *     room none                 or partitions, which are of ids that are there, or some
 *     show x
 *
 * A producer is a letter, which is its transactional id too: it remembers what it was told to be.
 */
import type { Answer, CoordinatorRecord, Moment, Step } from '../shard.js'
import { START_MS } from '../test-coordinator.js'
import { codeName, lineOf, milliseconds } from '../test-words.js'
import { type PartitionsOfTopic, partitionLists, type Transaction, type TransactionVersion } from './transaction.js'
import type { EndRequest, MarkerOrder, ProducerAnswer } from './transaction-contract.js'
import { transactionOf, transactionRecord } from './transaction-records.js'
import type { ProducerIdentity } from './transaction-rules.js'
import { TransactionShard, type TransactionShardSettings } from './transaction-shard.js'

const FULL_DISK = 16

type Markers = 'written' | 'held' | 'failing'

export class TransactionScript {
  readonly #producers = new Map<string, ProducerIdentity>()
  readonly #wakes = new Map<string, number>()
  /** What is in the log, and how much of it is safe. */
  readonly #log: CoordinatorRecord[] = []
  #safe = 0
  readonly #waiting: Answer[] = []
  readonly #held: MarkerOrder[] = []
  #markers: Markers = 'written'
  #disk: 'fine' | 'slow' | 'full' = 'fine'
  #serverVersion: TransactionVersion = 2
  #room: 'some' | 'partitions' | 'none' = 'some'
  #nextProducerId = 1000
  #coordinatorEpoch = 0
  #nowMs = 0
  #shard: TransactionShard
  #trace: string[] = []

  constructor() {
    this.#shard = this.#load()
  }

  /** What came of one line. */
  run(line: string): string {
    this.#trace = []
    const { command, words, options } = lineOf(line)
    this.#command(command, words, options)
    return this.#trace.join('\n')
  }

  #command(command: string, words: readonly string[], options: ReadonlyMap<string, string>): void {
    const [first = '', second = ''] = words
    const clientVersion: TransactionVersion = words.includes('v2') ? 2 : 0
    const identity = identityIn(options) ?? this.#producers.get(first) ?? { producerId: -1, producerEpoch: -1 }
    const request = { ...identity, partitions: partitionsIn(second), clientVersion }
    const commands: Readonly<Record<string, () => void>> = {
      init: () => this.#init(first, options),
      add: () => this.#carryOut(this.#shard.add(first, request, this.#reply(first), this.#at)),
      verify: () => this.#say(`${first}: ${this.#shard.verify(first, request).flat().map(nameOf).join(' ')}`),
      end: () => this.#end(first, { ...identity, isCommit: second === 'commit', clientVersion }),
      wait: () => this.#advance(milliseconds(first)),
      markers: () => this.#setMarkers(first),
      disk: () => this.#setDisk(first),
      crash: () => this.#crash(),
      epoch: () => this.#setEpoch(first, Number(second)),
      server: () => {
        this.#serverVersion = first === '2' ? 2 : first === '1' ? 1 : 0
      },
      room: () => {
        this.#room = first === 'none' || first === 'partitions' ? first : 'some'
      },
      show: () => this.#say(`${first}: ${described(this.#shard.get(first))}`),
    }
    const run = commands[command]
    if (run === undefined) throw new Error(`there is no command ${command}`)
    run()
  }

  #end(name: string, request: EndRequest): void {
    this.#carryOut(this.#shard.end(name, request, this.#reply(name, request.clientVersion === 2), this.#at))
  }

  get #at(): Moment {
    return { nowMs: START_MS + this.#nowMs, monotonicMs: this.#nowMs }
  }

  #say(line: string): void {
    this.#trace.push(line)
  }

  #init(name: string, options: ReadonlyMap<string, string>): void {
    const timeoutMs = milliseconds(options.get('timeout') ?? '60s')
    const request = { timeoutMs, expected: identityIn(options) }
    this.#carryOut(this.#shard.init(name, request, this.#reply(name, true), this.#at))
  }

  #reply(name: string, isRemembered = false): (answer: ProducerAnswer) => void {
    return ({ errorCode, producerId, producerEpoch }) => {
      if (errorCode !== 0) this.#say(`${name}: ${nameOf(errorCode)}`)
      else if (isRemembered) {
        this.#producers.set(name, { producerId, producerEpoch })
        this.#say(`${name}: is ${producerId} in epoch ${producerEpoch}`)
      } else this.#say(`${name}: ok`)
    }
  }

  #carryOut(step: Step): void {
    const { records = [], answers = [] } = step
    if (records.length > 0) {
      if (this.#disk === 'full') {
        this.#say('the log takes nothing')
        if (step.refused !== undefined) this.#carryOut({ ...step.refused(FULL_DISK), records: [] })
        for (const answer of answers) answer.refuse(FULL_DISK)
        return
      }
      for (const record of records) this.#append(record)
    }
    for (const { key, atMs } of step.wakes ?? []) {
      this.#wakes.set(key, Math.min(this.#wakes.get(key) ?? Number.POSITIVE_INFINITY, atMs))
    }
    const then = step.written?.()
    this.#waiting.push(...answers)
    this.#giveAnswers()
    if (then !== undefined) this.#carryOut({ ...then, records: [] })
  }

  #append(record: CoordinatorRecord): void {
    this.#log.push(record)
    const { transactionalId = '', transaction } = transactionOf(record) ?? {}
    this.#say(`written: ${transactionalId} ${described(transaction)}`)
    if (this.#disk === 'fine') this.#safe = this.#log.length
  }

  #giveAnswers(): void {
    if (this.#safe < this.#log.length) return
    for (const answer of this.#waiting.splice(0)) answer.give()
  }

  #order(order: MarkerOrder): void {
    const { producerId, producerEpoch, coordinatorEpoch, isCommit, partitions } = order
    const outcome = isCommit ? 'commit' : 'abort'
    const places = partitions.length === 0 ? 'nowhere' : placesOf(partitions)
    this.#say(`markers: ${outcome} of ${producerId} in epoch ${producerEpoch} by ${coordinatorEpoch} to ${places}`)
    if (this.#markers === 'held') this.#held.push(order)
    else this.#report(order, this.#markers === 'failing')
  }

  #report(order: MarkerOrder, areLeft: boolean): void {
    const report = {
      ...order,
      written: areLeft ? [] : order.partitions,
      areLeft: areLeft && order.partitions.length > 0,
    }
    this.#carryOut(this.#shard.marked(report, this.#at))
  }

  #setMarkers(mode: string): void {
    this.#markers = mode === 'held' || mode === 'failing' ? mode : 'written'
    if (this.#markers === 'written') for (const order of this.#held.splice(0)) this.#report(order, false)
  }

  #setDisk(mode: string): void {
    this.#disk = mode === 'slow' || mode === 'full' ? mode : 'fine'
    if (this.#disk !== 'fine') return
    this.#safe = this.#log.length
    this.#giveAnswers()
  }

  #crash(): void {
    this.#log.length = this.#safe
    this.#waiting.length = 0
    this.#held.length = 0
    this.#wakes.clear()
    this.#disk = 'fine'
    this.#coordinatorEpoch++
    this.#shard = this.#load()
  }

  #load(): TransactionShard {
    const settings: TransactionShardSettings = {
      expirationMs: 7 * 86_400_000,
      expirationCheckMs: 3_600_000,
      timeoutCheckMs: 10_000,
      serverVersion: () => this.#serverVersion,
      nextProducerId: () => this.#nextProducerId++,
      isFullOf: what => this.#room === 'none' || (this.#room === 'partitions' && what === 'ids'),
      orderMarkers: order => this.#order(order),
    }
    this.#shard = new TransactionShard(settings, this.#coordinatorEpoch)
    for (const record of this.#log) this.#shard.replay(record)
    this.#carryOut(this.#shard.loaded(this.#at))
    return this.#shard
  }

  /** Through the log, as everything is. */
  #setEpoch(name: string, producerEpoch: number): void {
    const transaction = this.#shard.get(name)
    if (transaction === undefined) throw new Error(`there is no ${name}`)
    this.#log.push(transactionRecord({ ...transaction, producerEpoch }, this.#serverVersion))
    this.#safe = this.#log.length
    this.#producers.set(name, { producerId: transaction.producerId, producerEpoch })
    this.#shard = this.#load()
  }

  #advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (;;) {
      const [key, atMs] = [...this.#wakes].toSorted(([, left], [, right]) => left - right)[0] ?? ['', untilMs + 1]
      if (atMs > untilMs) break
      this.#wakes.delete(key)
      this.#nowMs = Math.max(this.#nowMs, atMs)
      this.#carryOut(this.#shard.wake(key, this.#at))
    }
    this.#nowMs = untilMs
  }
}

function described(transaction: Transaction | undefined): string {
  if (transaction === undefined) return 'is forgotten'
  const { state, producerId, producerEpoch, nextProducerId, partitions } = transaction
  const next = nextProducerId === -1 ? '' : ` then ${nextProducerId}`
  const places = partitions.size === 0 ? '' : ` with ${placesOf(partitionLists(partitions))}`
  return `${state} of ${producerId} in epoch ${producerEpoch}${next}${places}`
}

function placesOf(named: readonly PartitionsOfTopic[]): string {
  return named.flatMap(({ topic, partitions }) => Array.from(partitions, each => `${topic}-${each}`)).join(' ')
}

function partitionsIn(text: string): PartitionsOfTopic[] {
  return text.split(',').map(each => {
    const [topic = '', partition = ''] = each.split('-')
    return { topic, partitions: [Number(partition)] }
  })
}

function identityIn(options: ReadonlyMap<string, string>): ProducerIdentity | undefined {
  const [producerId, producerEpoch] = options.get('as')?.split(':') ?? []
  return producerId === undefined ? undefined : { producerId: Number(producerId), producerEpoch: Number(producerEpoch) }
}

function nameOf(code: number): string {
  return code === 0 ? 'ok' : codeName(code)
}
