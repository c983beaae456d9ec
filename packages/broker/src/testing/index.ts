/**
 * The door for tests of clients: a broker whose nodes, leaders and answers a test has in its hands.
 */
export type { CoordinatorType } from '../cluster/coordinators.js'
export type { BrokerOptions, InitialTopics } from '../options.js'
export { MemoryListener } from '../server/listener.js'
export type { ReleaseName } from '../server/releases.js'
export type { ApiVersionRanges } from '../server/served-versions.js'
export { createTestBroker, type Leadership, TestBroker, type TestNode } from './broker-harness.js'
export type { FaultEffect, FaultFilter, FaultRule, HoldRule } from './fault-rule.js'
export type { Fault, Faults, HoldingFault } from './faults.js'
