import { describe, expect, test } from 'vitest'
import { MemoryFileSystem } from '../storage/memory.js'
import { offsetCheckpoint, partitionMetadata, readOffsetCheckpoint, readPartitionMetadata } from './checkpoints.js'
import { LeaderEpochs } from './leader-epochs.js'
import { TOPIC_ID } from './test-log.js'

function epochsOf(...entries: [epoch: number, startOffset: number][]): {
  epochs: LeaderEpochs
  fileSystem: MemoryFileSystem
} {
  const fileSystem = new MemoryFileSystem()
  const epochs = new LeaderEpochs(fileSystem, '')
  for (const [epoch, startOffset] of entries) epochs.assign(epoch, startOffset)
  return { epochs, fileSystem }
}

const text = (fileSystem: MemoryFileSystem): string => fileSystem.readFile('/leader-epoch-checkpoint').toString()

describe('leader epochs', () => {
  test('are in the file as soon as they are assigned', () => {
    const { epochs, fileSystem } = epochsOf([0, 0], [2, 10])
    expect(text(fileSystem)).toBe('0\n2\n0 0\n2 10\n')
    expect(new LeaderEpochs(fileSystem, '').entries).toEqual(epochs.entries)
  })

  test('an epoch without records gives way to the next one at the same offset', () => {
    const { epochs } = epochsOf([0, 0], [1, 10], [2, 10], [1, 20])
    expect(epochs.entries).toEqual([
      { epoch: 0, startOffset: 0 },
      { epoch: 2, startOffset: 10 },
    ])
  })

  test.each([
    { asked: -1, epoch: -1, endOffset: -1 },
    { asked: 0, epoch: 0, endOffset: 5 },
    { asked: 1, epoch: 1, endOffset: 10 },
    { asked: 2, epoch: 1, endOffset: 10 },
    { asked: 4, epoch: 4, endOffset: 99 },
    { asked: 5, epoch: -1, endOffset: -1 },
  ])('epoch $asked is answered with the end of $epoch, $endOffset', ({ asked, epoch, endOffset }) => {
    const { epochs } = epochsOf([1, 5], [4, 10])
    expect(epochs.endOffsetOf(asked, 99)).toEqual({ epoch, endOffset })
  })

  test('a log cut at its end forgets epochs, one cut at its start keeps the epoch of its first record', () => {
    const { epochs, fileSystem } = epochsOf([0, 0], [1, 10], [2, 20])
    epochs.truncateFromEnd(20)
    expect(text(fileSystem)).toBe('0\n2\n0 0\n1 10\n')
    epochs.truncateFromStart(15)
    expect(text(fileSystem)).toBe('0\n1\n1 15\n')
    expect(epochs.epochOf(17)).toBe(1)
    expect(epochs.epochOf(14)).toBe(-1)
  })

  test('a damaged file is one without entries', () => {
    const { fileSystem } = epochsOf([0, 0])
    for (const damaged of ['', '0\n2\n0 0\n', '0\n1\n0 x\n', '1\n1\n0 0\n', '0\n1\n0 0']) {
      fileSystem.writeFileAtomically('/leader-epoch-checkpoint', Buffer.from(damaged))
      expect(new LeaderEpochs(fileSystem, '').latest).toBe(-1)
    }
  })
})

describe('checkpoints', () => {
  test('offsets come back by topic and partition, whatever the topic is called', () => {
    const fileSystem = new MemoryFileSystem()
    const offsets = [
      { topic: 'a-1', partition: 2, offset: 3 },
      { topic: 'b', partition: 0, offset: 2 ** 40 },
    ]
    fileSystem.writeFileAtomically('/c', offsetCheckpoint(offsets))
    expect(fileSystem.readFile('/c').toString()).toBe('0\n2\na-1 2 3\nb 0 1099511627776\n')
    expect([...readOffsetCheckpoint(fileSystem, '/c', expect.fail)]).toEqual([
      ['a-1-2', 3],
      ['b-0', 2 ** 40],
    ])
    expect(readOffsetCheckpoint(fileSystem, '/missing', expect.fail).size).toBe(0)
  })

  test.each([
    ['1\n2\na 0 1\nb 0 2\n', [], ["its version is '1', and should be 0"]],
    ['0\n2\nhalf a line\nb 0 2\n', ['b-0=2'], ["a line is 'half a line'"]],
    ['0\n2\na 0 9007199254740992\nb 0 2\n', ['b-0=2'], ["a line is 'a 0 9007199254740992'"]],
    ['0\n3\na 0 1\nb 0 2\n', ['a-0=1', 'b-0=2'], ['it has 2 lines, and should have 3']],
    [
      '0\n2\na 0 1\nb 0 2',
      ['a-0=1'],
      ["it does not end in a line break, but in 'b 0 2'", 'it has 1 lines, and should have 2'],
    ],
    ['', [], ["its version is '', and should be 0"]],
  ])('damage of %j costs the lines that are damaged, and is told', (content, kept, damage) => {
    const fileSystem = new MemoryFileSystem()
    fileSystem.writeFileAtomically('/c', Buffer.from(content))
    const told: string[] = []
    const offsets = readOffsetCheckpoint(fileSystem, '/c', each => void told.push(each))
    expect([Array.from(offsets, ([name, offset]) => `${name}=${offset}`), told]).toEqual([kept, damage])
  })

  test('the topic id comes back, and not from a file that is damaged', () => {
    const fileSystem = new MemoryFileSystem()
    fileSystem.writeFileAtomically('/partition.metadata', partitionMetadata(TOPIC_ID))
    expect(readPartitionMetadata(fileSystem, '')).toBe(TOPIC_ID)
    fileSystem.writeFileAtomically('/partition.metadata', Buffer.from('version: 0\ntopic_id: x'))
    expect(readPartitionMetadata(fileSystem, '')).toBeUndefined()
  })
})
