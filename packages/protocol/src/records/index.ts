/**
 * Record batches: built, read, patched; the old formats read; control and versioned records.
 */
export * from './batch-builder.js'
export { headersIn } from './batch-cursor.js'
export * from './batch-layout.js'
export * from './batches.js'
export * from './control.js'
export * from './message-set.js'
export * from './record.js'
export * from './record-batch.js'
export * from './sequence.js'
export * from './versioned.js'
