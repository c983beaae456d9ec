import { describe, expect, test } from 'vitest'
import { TestCluster } from './test-cluster.js'

describe('flush, while sends wait for their topic', () => {
  test('ends although the last in line has given up before', async () => {
    const cluster = new TestCluster()
    const producer = cluster.producer()
    const first = producer.send({ topic: 't', value: 'a' })
    const second = producer.send({ topic: 't', value: 'b' }, { timeoutMs: 10 })
    await cluster.advance(10)
    await expect(second).rejects.toThrow('10 ms')
    let isFlushed = false
    const flushed = producer.flush().then(() => {
      isFlushed = true
    })
    cluster.topic('t', [1])
    await cluster.settle()
    cluster.next().answer()
    await cluster.settle()
    expect(await first).toMatchObject({ partition: 0 })
    expect(isFlushed).toBe(true)
    await flushed
  })

  test('waits for those before the last in line, when that one gives up meanwhile', async () => {
    const cluster = new TestCluster()
    const producer = cluster.producer()
    void producer.send({ topic: 't', value: 'a' })
    const second = producer.send({ topic: 't', value: 'b' }, { timeoutMs: 10 })
    let isFlushed = false
    const flushed = producer.flush().then(() => {
      isFlushed = true
    })
    await cluster.advance(10)
    await expect(second).rejects.toThrow('10 ms')
    await cluster.settle()
    expect(isFlushed).toBe(false)
    cluster.topic('t', [1])
    await cluster.settle()
    cluster.next().answer()
    await flushed
  })
})
