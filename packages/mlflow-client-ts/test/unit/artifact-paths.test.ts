/** Catches artifact names that lead out of their folder, whether the caller gives them or a server lists them. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkArtifactPath, createMlflowClient } from '../../src/index';
import { proxiedPathOf } from '../../src/artifacts/location';

it.each(['a', 'a/b.txt', 'ü n/ï.bin', '..a/b..', '100%', '5% off/x', "it's", 'ab:c', '...'])(
  'accepts %p',
  (path) => {
    expect(checkArtifactPath(path)).toBe(path);
  },
);

it.each([
  '',
  '.',
  '..',
  '/a',
  'a/',
  'a//b',
  'a/../b',
  'a/.',
  '..\\a',
  'a\0b',
  'a\u007fb',
  'c:/a',
  'a:b',
  'a#',
  'a?b',
  '%2F',
  'a/%2e%2e/b',
])('refuses %p', (path) => {
  expect(() => checkArtifactPath(path)).toThrow(/is refused/);
});

it.each([
  ['mlflow-artifacts:/1/r/artifacts', '1/r/artifacts'],
  ['mlflow-artifacts:///1/r/artifacts/', '1/r/artifacts'],
  ['mlflow-artifacts://host:5000/1/r', '1/r'],
  ['http://host:5000/mlflow/api/2.0/mlflow-artifacts/artifacts/1/r', '1/r'],
])('%s lies behind the proxy at %s', (uri, path) => {
  expect(proxiedPathOf(uri, 'http://host:5000/mlflow')).toBe(path);
});

it.each([
  's3://user:secret@bucket/x?key=secret',
  'file:///x',
  '/x',
  'mlflow-artifacts://elsewhere/1/r',
  'http://elsewhere:5000/mlflow/api/2.0/mlflow-artifacts/artifacts/1',
  'http://host:5000/mlflow/api/2.0/mlflow-artifacts/artifacts-of-others/1',
])('%s is out of reach, and its secrets are not shown', (uri) => {
  const read = () => proxiedPathOf(uri, 'http://host:5000/mlflow');
  expect(read).toThrow(/does not serve/);
  expect(read).not.toThrow(/secret/);
});

it.each(['..', '../x', '/x', 'a/b', '.', 'a\\..\\b', 'x%2fy'])(
  'writes nothing when a server lists %p',
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'mlflow-evil-'));
    const answers: Record<string, object> = {
      get: {
        run: {
          info: {
            run_id: 'r',
            experiment_id: '1',
            status: 'RUNNING',
            lifecycle_stage: 'active',
            artifact_uri: 'mlflow-artifacts:/1/r',
          },
        },
      },
      artifacts: { files: [{ path: name, is_dir: false, file_size: 1 }] },
    };
    const client = createMlflowClient({
      trackingUri: 'http://mlflow.test',
      fetch: (input) => {
        const last = new URL(input).pathname.split('/').at(-1) ?? '';
        return Promise.resolve(new Response(JSON.stringify(answers[last] ?? 'the bytes')));
      },
    });
    try {
      await expect(
        client.artifacts.downloadFolder({ runId: 'r' }, join(folder, 'inner')),
      ).rejects.toMatchObject({
        errorCode: 'UNSAFE_ARTIFACT_PATH',
      });
      expect(await readdir(folder, { recursive: true })).toEqual(['inner']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
