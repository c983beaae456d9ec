/**
 * Histories: what an application's producers and consumers did, written down while it runs, and checked. Start with
 * `recordHistory` and `checkHistoryFile`.
 */
export { type Anomaly, type AnomalyKind, anomalyKinds } from './anomaly.js'
export { checkHistory, checkHistoryFile, HistoryChecker, type HistoryVerdict } from './history-checker.js'
export type { LeftOptions } from './history-end.js'
export type {
  CaughtUpEvent,
  EndsEvent,
  GroupEvent,
  HistoryEnd,
  HistoryEvent,
  HistoryOffset,
  HistoryOutcome,
  HistoryPlace,
  HistoryRecord,
  OffsetsEvent,
  PartitionsEvent,
  PollEvent,
  RemainsEvent,
  SendEvent,
  TransactionEvent,
} from './history-event.js'
export { type HistoryRecorder, type HistoryRecorderOptions, recordHistory } from './history-recorder.js'
export { historyHeader } from './recorded-producer.js'
