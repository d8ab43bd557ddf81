import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, isNotFound, loggedModelUri, type ArtifactOwner } from '../../../src/index';
import { failureFrom, newExperiment, uniqueName, type SuiteContext } from './context';

/** Artifacts of runs, logged models and versions, through the server's proxy. */
export function describeArtifacts(context: () => SuiteContext): void {
  describe('artifacts', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'mlflow-artifacts-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const newRun = async (): Promise<ArtifactOwner> => {
      const experimentId = await newExperiment(context());
      return { runId: (await context().client.runs.create({ experimentId, startTime: 1 })).runId };
    };

    it('streams a large file both ways, unchanged, and overwrites it', async () => {
      const { artifacts } = context().client;
      const owner = await newRun();
      const bytes = randomBytes(20_000_001);
      await writeFile(join(folder, 'large.bin'), bytes);
      await expect(artifacts.uploadFile(owner, join(folder, 'large.bin'), 'data/large.bin')).resolves.toBe(
        20_000_001,
      );
      await artifacts.downloadFile(owner, 'data/large.bin', join(folder, 'new', 'back.bin'));
      expect((await readFile(join(folder, 'new', 'back.bin'))).equals(bytes)).toBe(true);
      expect(await readdir(join(folder, 'new'))).toEqual(['back.bin']);
      await artifacts.write(owner, 'data/large.bin', 'short');
      expect(Buffer.from(await artifacts.read(owner, 'data/large.bin')).toString()).toBe('short');
    });

    it('moves a folder to a model and back by way of its registered version', async () => {
      const { artifacts, loggedModels, registeredModels, modelVersions } = context().client;
      const { modelId } = await loggedModels.create({ experimentId: await newExperiment(context()) });
      await mkdir(join(folder, 'model', 'inner', 'empty'), { recursive: true });
      await writeFile(join(folder, 'model', 'MLmodel'), 'flavors: {}');
      await writeFile(join(folder, 'model', 'inner', 'zero'), '');
      await writeFile(join(folder, 'model', 'inner', '100% ñ.txt'), 'x');
      const sent = await artifacts.uploadFolder({ modelId }, join(folder, 'model'));
      expect(sent.files).toEqual(['MLmodel', 'inner/100% ñ.txt', 'inner/zero']);

      const modelName = uniqueName('model');
      await registeredModels.create({ name: modelName });
      const { version } = await modelVersions.create({
        name: modelName,
        source: loggedModelUri(modelId),
        modelId,
      });
      const owner = { modelName, version };
      await expect(artifacts.list(owner)).resolves.toEqual([
        { path: 'MLmodel', isFolder: false, sizeBytes: 11 },
        { path: 'inner', isFolder: true, sizeBytes: undefined },
      ]);
      expect((await collect(artifacts.walk(owner))).map(({ path }) => path)).toEqual([
        'MLmodel',
        'inner',
        'inner/100% ñ.txt',
        'inner/zero',
      ]);
      const received = await artifacts.downloadFolder(owner, join(folder, 'back'));
      expect(received.files).toEqual(sent.files);
      for (const file of sent.files) {
        expect(await readFile(join(folder, 'back', file))).toEqual(
          await readFile(join(folder, 'model', file)),
        );
      }
      await artifacts.downloadFolder(owner, join(folder, 'part'), 'inner');
      expect((await readdir(join(folder, 'part'))).toSorted()).toEqual(['100% ñ.txt', 'zero']);
    });

    it('calls a missing artifact not found, lists nothing for a missing folder, and leaves no half file', async () => {
      const { artifacts } = context().client;
      const owner = await newRun();
      await expect(artifacts.list(owner)).resolves.toEqual([]);
      await expect(artifacts.list(owner, 'none')).resolves.toEqual([]);
      expect(isNotFound(await failureFrom(artifacts.read(owner, 'none')))).toBe(true);
      expect(isNotFound(await failureFrom(artifacts.downloadFile(owner, 'none', join(folder, 'none'))))).toBe(
        true,
      );
      await expect(readdir(folder)).resolves.toEqual([]);
      expect(isNotFound(await failureFrom(artifacts.list({ runId: '0'.repeat(32) })))).toBe(true);
    });

    it('refuses names that lead out, or that the server would store under another name', async () => {
      const { artifacts } = context().client;
      const owner = await newRun();
      const refusal = { errorCode: 'UNSAFE_ARTIFACT_PATH', retryable: false };
      for (const path of [
        '../x',
        'a/../../x',
        '/x',
        'a//b',
        'a/',
        '.',
        'C:/x',
        'a\\b',
        'a#b',
        'a?b',
        'a%2e',
        'a\nb',
        '%2e%2e/x',
        'file:/x',
      ]) {
        await expect(artifacts.write(owner, path, 'x')).rejects.toMatchObject(refusal);
        await expect(artifacts.read(owner, path)).rejects.toMatchObject(refusal);
        await expect(artifacts.downloadFolder(owner, folder, path)).rejects.toMatchObject(refusal);
      }
      await expect(artifacts.list(owner)).resolves.toEqual([]);
      await symlink('/etc', join(folder, 'link'));
      await expect(artifacts.uploadFolder(owner, folder)).rejects.toMatchObject(refusal);
    });

    it('says so when artifacts do not lie behind the server', async () => {
      const { client } = context();
      const name = uniqueName('elsewhere');
      const experimentId = await client.experiments.create({ name, artifactLocation: 's3://bucket/path' });
      const { runId } = await client.runs.create({ experimentId, startTime: 1 });
      await expect(client.artifacts.write({ runId }, 'a', 'x')).rejects.toMatchObject({
        errorCode: 'UNSUPPORTED_ARTIFACT_LOCATION',
        retryable: false,
      });
    });
  });
}
