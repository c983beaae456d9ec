/**
 * Writer: transactions of some records each, in any partitions of the input.
 */
import { INPUT_TOPIC } from './script.js'
import { Worker } from './worker.js'

export class Writer extends Worker {
  protected async step(): Promise<void> {
    const { script, random } = this.parts
    await this.transaction(async story => {
      for (let left = random.integer(1, this.draft.mostRecords + 1); left > 0; left--) {
        const partition = random.integer(0, script.partitions[INPUT_TOPIC] ?? 1)
        this.send(story, { topic: INPUT_TOPIC, partition })
        if (random.integer(0, 4) === 0) await this.sleep(random.integer(1, 40))
      }
    })
  }

  protected closeRest(): Promise<void> {
    return Promise.resolve()
  }
}
