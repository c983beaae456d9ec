/**
 * The page of all options is what their tables make of it. After a change: `npm test -- tests/documents -u`.
 */
import { clientTable } from '@samsa/client/internal'
import { consumerOptions, runOptions } from '@samsa/consumer/internal'
import { producerOptions } from '@samsa/producer/internal'
import { optionsPage } from '@samsa/runtime/internal'
import { expect, test } from 'vitest'

const INTRODUCTION = `# Configuration

Every option of every class, with the name that Kafka has for it. \`fromProperties\` takes those names, so that a
configuration of Kafka's can be pasted. Options that are unknown or of the wrong type are refused at once.
This page is made from the tables that check the options.
`

test('docs/configuration.md shows every option', async () => {
  const sections = [
    ['Producer', '`new Producer({ … })` of `@samsa/producer`.', optionsPage(producerOptions)],
    ['Consumer', '`new Consumer({ … })` of `@samsa/consumer`.', optionsPage(consumerOptions)],
    ['Handlers of a consumer', '`consumer.run(handler, { … })`.', optionsPage(runOptions)],
    ['Client and Admin', '`new Client({ … })` and `new Admin({ … })` of `@samsa/client`.', optionsPage(clientTable)],
  ]
  const page = [INTRODUCTION, ...sections.map(([title, text, table]) => `## ${title}\n\n${text}\n\n${table}`)].join(
    '\n',
  )
  await expect(page).toMatchFileSnapshot('../../docs/configuration.md')
})
