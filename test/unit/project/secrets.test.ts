/** Catches: a secret that is found only by who stands in the project's folder, and an error that says more than its name. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { mlflowTarget } from '../../../src/adapters/mlflow/connect';
import { openS3 } from '../../../src/adapters/object-storage/s3';
import { readSecret } from '../../../src/adapters/project/secrets';
import { STATE_FOLDER } from '../../../src/adapters/project/stack-record';
import { createApiPart } from '../../../src/client/serve/api';
import { kafkaConnection } from '../../../src/adapters/kafka/connection';
import type { ServiceDependencies } from '../../../src/client/serve/part';
import { environmentSchema, s3ConnectionSchema } from '../../../src/contracts/project-file';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-secrets-'));
  for (const folder of ['secrets', STATE_FOLDER]) await mkdir(join(root, folder));
  await writeFile(join(root, 'secrets', 'word'), ' open sesame\n');
  await writeFile(join(root, 'secrets', 'empty'), '\n');
});
afterAll(() => rm(root, { recursive: true }));

const WORD = 'file:secrets/word';

test('a file is relative to the project, whoever stands wherever', async () => {
  expect(await readSecret(WORD, root)).toBe('open sesame');
  expect(await readSecret(`file:${join(root, 'secrets', 'word')}`, '/')).toBe('open sesame');
  expect(await readSecret('env:WORD', root, { WORD: 'from outside' })).toBe('from outside');
});

test.each(['file:secrets/none', 'file:secrets/empty', 'env:NONE'])(
  '%s is refused by name',
  async (reference) => {
    await expect(readSecret(reference, root, {})).rejects.toMatchObject({
      code: 'PROJECT_FILE_INVALID',
      message: `the secret ${reference} is not there`,
      mend: reference.startsWith('env:')
        ? 'set the variable NONE'
        : `write the file ${join(root, reference.slice('file:'.length))}`,
    });
  },
);

test('Kafka, MLflow, S3 and the API find theirs in the project', async () => {
  const sasl = { mechanism: 'PLAIN' as const, username: WORD, password: WORD };
  expect(
    await kafkaConnection({ brokers: ['127.0.0.1:1'], tls: { ca: 'secrets/word', key: WORD }, sasl }, root),
  ).toMatchObject({
    tls: { ca: ' open sesame\n', key: 'open sesame' },
    sasl: { username: 'open sesame', password: 'open sesame' },
  });
  expect(
    await mlflowTarget(
      { trackingUri: 'http://127.0.0.1:1', token: WORD },
      { stack: { version: 1 }, projectRoot: root },
    ),
  ).toMatchObject({ credentials: { kind: 'bearer', token: 'open sesame' } });
  await openS3(s3ConnectionSchema.parse({ accessKey: WORD, secretKey: WORD }), { projectRoot: root });

  const token = { name: 'ada', token: 'nobody-else-has-this-one', scopes: ['runs:read'] };
  await writeFile(join(root, 'secrets', 'tokens.json'), JSON.stringify({ tokens: [token] }));
  const environment = environmentSchema.parse({ api: { tokens: 'file:secrets/tokens.json' } });
  const logger = pino({ enabled: false });
  const api = createApiPart({ environment, project: { root }, logger } as unknown as ServiceDependencies);
  try {
    await api.update([]);
    expect(api.health()).toMatchObject({ tokens: 'read' });
  } finally {
    await api.stop();
  }
});
