import { api, array, bool, field, int16, int32, int64, list, string } from '../generate/schema.js'

export default api({
  key: 35,
  name: 'DescribeLogDirs',
  text: '',
  versions: '1-5',
  flexible: '2+',
  sentTo: 'broker',
  listeners: ['broker'],
  request: [list('topics', 'Topic', { nullable: '0+' }, [field('topic', string), field('partitions', array(int32))])],
  response: [
    field('throttleTimeMs', int32),
    field('errorCode', int16, { in: '3+', ignorable: true }),
    list('results', 'Result', [
      field('errorCode', int16),
      field('logDir', string),
      list('topics', 'Topic', [
        field('name', string),
        list('partitions', 'Partition', [
          field('partitionIndex', int32),
          field('partitionSize', int64),
          field('offsetLag', int64),
          field('isFutureKey', bool),
        ]),
      ]),
      field('totalBytes', int64, { in: '4+', default: -1n, ignorable: true }),
      field('usableBytes', int64, { in: '4+', default: -1n, ignorable: true }),
      field('isCordoned', bool, { in: '5+', ignorable: true }),
    ]),
  ],
})
