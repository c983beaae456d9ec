/**
 * Heartbeat: the smallest of messages, so what a frame costs by itself.
 */
import { type HeartbeatRequest, type HeartbeatResponse, heartbeat } from '@samsa/protocol'
import type { Subject } from '../subject.ts'

const GROUP = 'warehouse-billing'
const MEMBER = 'consumer-1-5d2c8a3e-1f7b-4c58-9a86-0e2d9b1c4f6a'
const INSTANCE = 'host-7'
const GENERATION = 17

export const heartbeatSubject: Subject = {
  api: heartbeat,
  samsa: {
    request: (): HeartbeatRequest => ({
      groupId: GROUP,
      generationId: GENERATION,
      memberId: MEMBER,
      groupInstanceId: INSTANCE,
    }),
    response: (): HeartbeatResponse => ({ throttleTimeMs: 25, errorCode: 0 }),
    responseShape: () => ['throttleTimeMs', 'errorCode'],
  },
  kafkajs: {
    name: 'heartbeat',
    version: 3,
    fields: { groupId: GROUP, groupGenerationId: GENERATION, memberId: MEMBER, groupInstanceId: INSTANCE },
    responseShape: ['clientSideThrottleTime', 'errorCode'],
  },
  platformatic: {
    name: 'heartbeat',
    newestVersion: 4,
    fields: () => [GROUP, GENERATION, MEMBER, INSTANCE],
    responseShape: () => ['throttleTimeMs', 'errorCode'],
  },
}
