import {
  collect,
  createMlflowClient,
  isMlflowError,
  loggedModelUri,
  type MlflowClient,
} from '../../../src/index';
import { failureFrom, newExperiment, uniqueName, type SuiteContext } from './context';

const identity = { key: 'millrace.key', value: 'candidate "one"/2' };

/** All callers at once, as a zombie activity and its retries may be. */
function atOnce<Result>(
  callers: number,
  call: (client: MlflowClient) => Promise<Result>,
  uri: string,
): Promise<Result[]> {
  return Promise.all(Array.from({ length: callers }, () => call(createMlflowClient({ trackingUri: uri }))));
}

/** A client whose first request to `path` takes effect, and whose answer is then lost, as when a connection breaks. */
function losingTheAnswerOf(path: string, uri: string): MlflowClient {
  let lost = false;
  const lossy: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (lost || !(input as string).endsWith(path)) return response;
    lost = true;
    await response.arrayBuffer();
    throw new TypeError('fetch failed');
  };
  return createMlflowClient({ trackingUri: uri, fetch: lossy });
}

/** "Find it or create it": called again, called at once, and called again after an answer was lost. */
export function describeEnsure(context: () => SuiteContext): void {
  describe('ensure', () => {
    it('makes one experiment and one registered model of many calls at once', async () => {
      const { uri } = context();
      const name = uniqueName('same');
      const experiments = await atOnce(6, (client) => client.ensure.experiment({ name }), uri);
      expect(new Set(experiments.map(({ item }) => item.experimentId)).size).toBe(1);
      expect(experiments.filter(({ created }) => created)).toHaveLength(1);
      const models = await atOnce(6, (client) => client.ensure.registeredModel({ name }), uri);
      expect(models.filter(({ created }) => created)).toHaveLength(1);
      expect(models.every(({ item }) => item.name === name)).toBe(true);
    });

    it('refuses the name of a deleted experiment, saying which', async () => {
      const { client } = context();
      const name = uniqueName('deleted');
      const { item } = await client.ensure.experiment({ name });
      await client.experiments.delete(item.experimentId);
      await expect(client.ensure.experiment({ name })).rejects.toMatchObject({
        errorCode: 'DELETED_RESOURCE',
        retryable: false,
      });
    });

    it('makes one version of many calls at once', async () => {
      const { client, uri } = context();
      const { modelId } = await client.loggedModels.create({ experimentId: await newExperiment(context()) });
      const name = uniqueName('model');
      await client.ensure.registeredModel({ name });
      const version = { name, source: loggedModelUri(modelId), modelId };
      const versions = await atOnce(6, ({ ensure }) => ensure.modelVersion(identity, version), uri);
      expect(new Set(versions.map(({ item }) => item.version))).toEqual(new Set([1]));
      expect(versions.filter(({ created }) => created)).toHaveLength(1);
      await expect(
        collect(client.modelVersions.search({ filter: `name = '${name}'` })),
      ).resolves.toHaveLength(1);
    });

    it('gives two calls at once runs and models that stay, and later calls one of them', async () => {
      const { client, uri } = context();
      for (let round = 0; round < 5; round += 1) {
        const experimentId = await newExperiment(context());
        const runs = await atOnce(
          2,
          ({ ensure }) => ensure.run(identity, { experimentId, startTime: 5 }),
          uri,
        );
        const given = new Set(runs.map(({ item }) => item.runId));
        const kept = await collect(client.runs.search({ experimentIds: [experimentId] }));
        // No lock, no promise of one run: but nothing given to a caller is gone, and nothing is left that no one was given.
        expect(new Set(kept.map(({ runId }) => runId))).toEqual(given);
        const again = await client.ensure.run(identity, { experimentId, startTime: 5 });
        expect(again.created).toBe(false);
        expect([again.item.runId, ...again.duplicates].toSorted()).toEqual([...given].toSorted());

        const models = await atOnce(2, ({ ensure }) => ensure.loggedModel(identity, { experimentId }), uri);
        const modelsKept = await collect(client.loggedModels.search({ experimentIds: [experimentId] }));
        expect(new Set(modelsKept.map(({ modelId }) => modelId))).toEqual(
          new Set(models.map(({ item }) => item.modelId)),
        );
      }
    });

    it('refuses a tag that the search for logged models could never find', async () => {
      const { client } = context();
      const experimentId = await newExperiment(context());
      await expect(
        client.ensure.loggedModel({ key: 'k', value: "it's" }, { experimentId }),
      ).rejects.toMatchObject({
        errorCode: 'INVALID_REQUEST',
      });
      await expect(collect(client.loggedModels.search({ experimentIds: [experimentId] }))).resolves.toEqual(
        [],
      );
    });

    it('finds what an attempt created whose answer was lost', async () => {
      const { client, uri } = context();
      const experimentId = await newExperiment(context());
      const name = uniqueName('model');
      await client.ensure.registeredModel({ name });
      const { modelId } = (await client.ensure.loggedModel(identity, { experimentId })).item;
      const attempts = [
        ['/runs/create', (c: MlflowClient) => c.ensure.run(identity, { experimentId, startTime: 5 })],
        [
          '/logged-models',
          (c: MlflowClient) => c.ensure.loggedModel({ key: 'k', value: 'lost' }, { experimentId }),
        ],
        [
          '/model-versions/create',
          (c: MlflowClient) =>
            c.ensure.modelVersion(identity, { name, source: loggedModelUri(modelId), modelId }),
        ],
        ['/experiments/create', (c: MlflowClient) => c.ensure.experiment({ name: `${name}-lost` })],
        [
          '/registered-models/create',
          (c: MlflowClient) => c.ensure.registeredModel({ name: `${name}-lost` }),
        ],
      ] as const;
      for (const [path, attempt] of attempts) {
        const lossy = losingTheAnswerOf(path, uri);
        const failure: unknown = await failureFrom(attempt(lossy));
        expect(isMlflowError(failure) && failure.retryable).toBe(true);
        await expect(attempt(lossy)).resolves.toMatchObject({ created: false, duplicates: [] });
      }
      await expect(collect(client.runs.search({ experimentIds: [experimentId] }))).resolves.toHaveLength(1);
      await expect(
        collect(client.modelVersions.search({ filter: `name = '${name}'` })),
      ).resolves.toHaveLength(1);
    });

    it('keeps things with another tag value, in another experiment or of another model apart', async () => {
      const { client } = context();
      const [one, other] = [await newExperiment(context()), await newExperiment(context())];
      const ids = [];
      for (const [experimentId, value] of [
        [one, 'a'],
        [one, 'b'],
        [other, 'a'],
        [one, 'a'],
      ] as const) {
        ids.push((await client.ensure.run({ key: 'k', value }, { experimentId, startTime: 1 })).item.runId);
      }
      expect(new Set(ids).size).toBe(3);
      expect(ids[3]).toBe(ids[0]);
    });
  });
}
