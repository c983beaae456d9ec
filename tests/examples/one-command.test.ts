/**
 * Examples as their readers start them: built, by one command, with a broker of their own where no address is given.
 */
import { createBroker } from '@samsa/broker'
import { expect, test } from 'vitest'
import { runExample } from './example-program.js'

test('an example without an address has a broker of its own, and ends by itself', async () => {
  expect(await runExample('one-address')).toEqual({
    status: 0,
    lines: [
      'a cluster of 1 broker',
      'written, and acknowledged by all replicas in sync',
      'read back: true',
      'and behind it: 0 records',
    ],
    errors: '',
  })
})

test('an address is all that it needs for another Kafka, whose missing topics it makes', async () => {
  await using broker = await createBroker({ port: 0, properties: { 'auto.create.topics.enable': 'false' } })
  const { status, lines } = await runExample('producer', broker.bootstrapServers)
  expect({ status, lines }).toMatchObject({ status: 0, lines: { length: 3 } })
})

test.each([
  [[], /^Which example\? There are:\n {2}activity-tracking\n/],
  [['nothing'], /^There is no example nothing\. There are:\n/],
])('%j is answered with what there is', async (args, answer) => {
  expect(await runExample(args[0])).toEqual({ status: 2, lines: [], errors: expect.stringMatching(answer) })
})
