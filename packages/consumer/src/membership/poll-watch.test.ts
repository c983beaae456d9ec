import { type Logger, ManualClock, silentLogger } from '@samsa/runtime'
import { describe, expect, test } from 'vitest'
import { GroupMetrics } from '../group-metrics.js'
import { PollWatch } from './poll-watch.js'

function setUp(): { watch: PollWatch; clock: ManualClock; warnings: string[]; poll: () => void } {
  const clock = new ManualClock()
  const warnings: string[] = []
  const warn = ((fields: object, message: string) => {
    warnings.push(`${Reflect.get(fields, 'code') ?? ''} ${message}`)
  }) as Logger['warn']
  let hasPolled = false
  const parts = {
    config: { groupId: 'g', maxPollIntervalMs: 1000 },
    metrics: new GroupMetrics(),
    cluster: { clientId: 'test', clock, logger: { ...silentLogger, warn } },
    heard: () => {
      const heard = hasPolled
      hasPolled = false
      return heard
    },
  }
  // What it reads of its parts is here.
  const watch = new PollWatch(parts as unknown as ConstructorParameters<typeof PollWatch>[0], 6000)
  const poll = (): void => {
    hasPolled = true
  }
  return { watch, clock, warnings, poll }
}

describe('the application', () => {
  test('is overdue when it was not heard of for longer than maxPollIntervalMs', async () => {
    const { watch, clock, poll } = setUp()
    watch.begin()
    await clock.advance(900)
    poll()
    expect(watch.isOverdue()).toBe(false)
    await clock.advance(1000)
    expect(watch.isOverdue()).toBe(false)
    await clock.advance(1)
    expect(watch.isOverdue()).toBe(true)
  })

  test('is told by name why its member left and for how long it was silent, until it is back', async () => {
    const { watch, warnings, clock } = setUp()
    watch.begin()
    await clock.advance(1500)
    expect(watch.giveUp('m')).toContain(
      'did not poll for at least 1500 ms, which is longer than maxPollIntervalMs (1000 ms)',
    )
    await clock.advance(500)
    expect(watch.whyOut).toContain('did not poll for at least 2000 ms')
    expect(warnings[0]).toContain('raise maxPollIntervalMs')
    watch.begin()
    expect(watch.whyOut).toBeUndefined()
  })
})

test('an event loop that kept heartbeats back for about a session is warned about, others are not', () => {
  const { watch, warnings } = setUp()
  watch.late(2999)
  expect(warnings).toEqual([])
  watch.late(3000)
  watch.late(6001)
  expect(warnings[0]).toMatch(/^EVENT_LOOP_BLOCKED the event loop was blocked for 3000 ms.*more than half of/)
  expect(warnings[1]).toMatch(/blocked for 6001 ms.*longer than sessionTimeoutMs/)
})
