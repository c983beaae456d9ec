/**
 * Options of a consumer that say how records are handed out.
 */
import { noInterceptorsFrom } from '@samsa/client/internal'
import { type ConsumerInterceptor, isConsumerInterceptor } from './interceptors.js'
import { type DeadLetterOptions, isDeadLetterOptions } from './run/dead-letter.js'

export const handlingRows = {
  deserializationFailure: {
    type: 'either',
    of: [
      { type: 'enum', values: ['throw', 'skip'] },
      {
        type: 'object',
        expects: '{ producer, topic } of dead letters',
        guard: isDeadLetterOptions as (value: unknown) => value is DeadLetterOptions,
      },
    ],
    kafka: null,
    default: 'throw',
    text: "What becomes of records that a serde cannot read: 'throw' where key or value is asked for; 'skip', with a warning and a count; or, with run(), { producer, topic } of the dead letters. But for 'throw', key and value are read before the record is handed out.",
  },
  interceptors: {
    type: 'list',
    of: {
      type: 'object',
      guard: isConsumerInterceptor as (value: unknown) => value is ConsumerInterceptor,
      expects: 'with onConsume or onCommit',
    },
    kafka: 'interceptor.classes',
    default: [] as readonly never[],
    fromKafka: noInterceptorsFrom as (text: string) => readonly never[] | undefined,
    text: 'Objects that see each record before the application has it, and each commit that has succeeded.',
  },
} as const
