/**
 * Our broker with options that the command line does not have: takes those of `createBroker` as JSON, prints its address as
 * the command line does, and ends on SIGINT.
 */
import { createBroker } from '@samsa/broker'

const broker = await createBroker({ port: 0, ...JSON.parse(process.argv[2]) })
process.stdout.write(`${JSON.stringify({ bootstrapServers: broker.bootstrapServers })}\n`)
process.once('SIGINT', () => void broker.close())
