// Catches a message that waits for ever for what cannot be over, and one that is given up because something was away for a moment.
import { isPassing } from '../../../src/client/serve/triggers/kafka/passing';
import { MillraceError } from '../../../src/contracts/errors';

const withCode = (code: string | number, more: object = {}): Error =>
  Object.assign(new Error('it failed'), { code, ...more });

test.each([
  ['Temporal is away', new MillraceError('TEMPORAL_UNAVAILABLE', 'away')],
  ['the store refuses who asks', new MillraceError('STORE_UNAVAILABLE', '403', { retryable: false })],
  ['a file changes', new MillraceError('SOURCE_CHANGED', 'changed')],
  ['the disk is full', withCode('ENOSPC')],
  ['the network is away', new AggregateError([withCode('ECONNREFUSED')])],
  ['a client wraps it', new Error('fetch failed', { cause: withCode('EAI_AGAIN') })],
  ['gRPC gives up', withCode(14, { details: '', metadata: {} })],
])('%s: the message waits', (_, error) => expect(isPassing(error)).toBe(true));

test.each([
  ['a defect', new TypeError('x is undefined')],
  ['a defect that is named', new MillraceError('INTERNAL', 'A dataset lost its label.')],
  ['bad input', new MillraceError('EVENT_INVALID', 'empty')],
  ['a name that fits no file', withCode('ENAMETOOLONG')],
  ['a misused function of Node', withCode('ERR_INVALID_ARG_TYPE')],
  ['a statement that the database refuses', withCode('22021', { severity: 'ERROR' })],
  ['no error at all', 'thrown'],
])('%s: it would come again', (_, error) => expect(isPassing(error)).toBe(false));
