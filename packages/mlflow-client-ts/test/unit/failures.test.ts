/** Catches failures told apart wrongly: one that would pass given up for good, one that never will retried for ever. */
import { createMlflowClient, isAlreadyExists, isMlflowError, isNotFound, MlflowError } from '../../src/index';

const answering = (status: number, body: string) =>
  createMlflowClient({
    trackingUri: 'http://mlflow.test',
    fetch: () => Promise.resolve(new Response(body, { status })),
  });
const failure = async (status: number, body: string): Promise<MlflowError> => {
  const error: unknown = await answering(status, body)
    .runs.get('r')
    .catch((caught: unknown) => caught);
  if (!isMlflowError(error)) throw new Error('expected an MlflowError');
  return error;
};

it.each([
  [400, false],
  [401, false],
  [403, false],
  [404, false],
  [408, true],
  [409, false],
  [413, false],
  [429, true],
  [500, true],
  [501, false],
  [502, true],
  [503, true],
  [504, true],
])('status %d: retryable %p', async (status, retryable) => {
  expect(await failure(status, '')).toMatchObject({ status, retryable });
});

it.each([
  ['(sqlite3.IntegrityError) UNIQUE constraint failed: datasets.experiment_id, datasets.name', true],
  ['(psycopg2.errors.UniqueViolation) IntegrityError: duplicate key value violates unique constraint', true],
  ["(pymysql.err.IntegrityError) (1062, \"Duplicate entry '1-a' for key 'PRIMARY'\")", true],
  ['(sqlite3.IntegrityError) NOT NULL constraint failed: runs.name', false],
  ['UNIQUE constraint failed is no name for an experiment', false],
])('a row that another request wrote first may be asked for again: %s', async (message, retryable) => {
  expect(await failure(400, JSON.stringify({ error_code: 'BAD_REQUEST', message }))).toMatchObject({
    retryable,
  });
});

it('takes code and words from MLflow where it gives them', async () => {
  const body = JSON.stringify({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Run with id=r not found' });
  const error = await failure(404, body);
  expect(error).toMatchObject({
    message: 'Run with id=r not found',
    errorCode: 'RESOURCE_DOES_NOT_EXIST',
    request: 'GET /api/2.0/mlflow/runs/get',
  });
  expect(isNotFound(error)).toBe(true);
});

it('names what a proxy says without its mark-up, cut short', async () => {
  const error = await failure(502, `<html><b>Bad</b>\n gateway ${'x'.repeat(1000)}</html>`);
  expect(error.message).toMatch(/^Bad gateway x+…$/);
  expect(error.message.length).toBeLessThan(310);
  expect(await failure(400, '{"detail":"Artifact path refers to a directory"}')).toMatchObject({
    message: 'Artifact path refers to a directory',
  });
});

it.each([
  ['INVALID_PARAMETER_VALUE', 'Registered model alias champion not found.', true],
  ['INVALID_PARAMETER_VALUE', 'Registered model alias a\nb not found.', true],
  ['INVALID_PARAMETER_VALUE', "Parameter 'version' must be an integer, got 'alias not found'.", false],
  ['RESOURCE_DOES_NOT_EXIST', 'anything', true],
  ['ENDPOINT_NOT_FOUND', 'Registered model alias champion not found.', false],
])('%s "%s": not found %p', (errorCode, message, expected) => {
  expect(isNotFound(new MlflowError(message, { errorCode, retryable: false, status: 400 }))).toBe(expected);
});

it('knows nothing about errors that are not its own', () => {
  for (const error of [
    new Error('RESOURCE_DOES_NOT_EXIST'),
    undefined,
    { errorCode: 'RESOURCE_ALREADY_EXISTS' },
  ]) {
    expect(isNotFound(error) || isAlreadyExists(error) || isMlflowError(error)).toBe(false);
  }
});

it.each([
  ['', /not JSON/],
  ['<html>login</html>', /not JSON/],
  ['{"run":{"info":{}}}', /run\.info\.run_id is missing/],
  ['{}', /run is missing/],
  ['{"run":{"info":{"start_time":"soon"}}}', /start_time/],
])('a success whose body is %p is final and says what is wrong', async (body, words) => {
  const error = await failure(200, body);
  expect(error).toMatchObject({ errorCode: 'UNEXPECTED_RESPONSE', retryable: false });
  expect(error.message).toMatch(words);
});

it('sends nothing that does not fit the protocol', async () => {
  const send = jest.fn<Promise<Response>, []>();
  const client = createMlflowClient({ trackingUri: 'http://mlflow.test', fetch: send });
  const calls = [
    () => client.runs.create({ experimentId: '1', startTime: 1.5 }),
    () => client.loggedModels.get(''),
    () => client.loggedModels.get('..'),
    () => client.metrics.log('r', { key: 'm', value: '1' as never, timestamp: 1 }),
    () => client.runs.update('r', { status: 'DONE' as never }),
  ];
  for (const call of calls) {
    await expect(call()).rejects.toMatchObject({ errorCode: 'INVALID_REQUEST', retryable: false });
  }
  expect(send).not.toHaveBeenCalled();
});

it.each(['', 'mlflow.test', 'ftp://x', 'sqlite:///x', 'http://x?a=1', 'http://x#a', 'databricks'])(
  'refuses the tracking URI %p',
  (trackingUri) => {
    expect(() => createMlflowClient({ trackingUri })).toThrow(MlflowError);
  },
);

it('ends a listing whose server repeats itself', async () => {
  const body = '{"experiments":[],"next_page_token":"again"}';
  const search = answering(200, body).experiments.search();
  await expect(search.next()).rejects.toMatchObject({ errorCode: 'UNEXPECTED_RESPONSE' });
});
