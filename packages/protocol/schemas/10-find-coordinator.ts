/** FindCoordinator: which broker looks after a group, a transactional id or a share partition. */
import { api, array, field, int8, int16, int32, list, string } from '../generate/schema.js'

export default api({
  key: 10,
  name: 'FindCoordinator',
  text: 'Asks any broker who coordinates a key. The answer holds until that broker says NOT_COORDINATOR or cannot be reached.',
  notes: {
    1: 'Transactional ids too; before that only groups.',
    2: 'From here the client itself keeps silent for throttleTimeMs (KIP-219).',
    4: 'Several keys at once, an error to each (KIP-699).',
    5: 'TRANSACTION_ABORTABLE may be answered (KIP-890).',
    6: 'Share partitions (KIP-932).',
  },
  versions: '0-6',
  flexible: '3+',
  sentTo: 'any',
  listeners: ['broker'],
  request: [
    field('key', string, { in: '0-3' }, 'A group id or a transactional id.'),
    field('keyType', int8, { in: '1+' }, '0 group, 1 transactional id, 2 share partition. One type for all keys.'),
    field(
      'coordinatorKeys',
      array(string),
      { in: '4+' },
      'Group ids, transactional ids, or groupId:topicId:partition for share partitions.',
    ),
  ],
  response: [
    field('throttleTimeMs', int32, { in: '1+', ignorable: true }),
    field('errorCode', int16, { in: '0-3' }, 'As in coordinators.'),
    field('errorMessage', string, { in: '1-3', nullable: '0+', ignorable: true }),
    field('nodeId', int32, { in: '0-3' }, '-1 on error.'),
    field('host', string, { in: '0-3' }),
    field('port', int32, { in: '0-3' }),
    list('coordinators', 'Coordinator', { in: '4+' }, [
      field('key', string),
      field('nodeId', int32, '-1 on error.'),
      field('host', string),
      field('port', int32),
      field(
        'errorCode',
        int16,
        'COORDINATOR_NOT_AVAILABLE: retry, the internal topic behind it may only be on its way. INVALID_REQUEST: unknown key type. Final: GROUP_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED.',
      ),
      field('errorMessage', string, { nullable: '0+', ignorable: true }),
    ]),
  ],
})
