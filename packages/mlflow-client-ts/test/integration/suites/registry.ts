import { collect, isAlreadyExists, isNotFound, loggedModelUri, tagEquals } from '../../../src/index';
import { failureFrom, newExperiment, uniqueName, type SuiteContext } from './context';

/** Registered models, versions and aliases. */
export function describeRegistry(context: () => SuiteContext): void {
  describe('registry', () => {
    const newModel = async () => {
      const { client } = context();
      const name = uniqueName('model');
      await client.registeredModels.create({ name });
      const { modelId } = await client.loggedModels.create({ experimentId: await newExperiment(context()) });
      return { name, modelId, source: loggedModelUri(modelId) };
    };

    it('calls a missing model, version and alias not found, and a bad version number not', async () => {
      const { registeredModels, modelVersions } = context().client;
      const { name } = await newModel();
      expect(isAlreadyExists(await failureFrom(registeredModels.create({ name })))).toBe(true);
      expect(isNotFound(await failureFrom(registeredModels.get(uniqueName('none'))))).toBe(true);
      expect(isNotFound(await failureFrom(modelVersions.get(name, 1)))).toBe(true);
      expect(isNotFound(await failureFrom(modelVersions.getByAlias(uniqueName('none'), 'champion')))).toBe(
        true,
      );
      const missingAlias = await failureFrom(modelVersions.getByAlias(name, 'champion'));
      expect(missingAlias).toMatchObject({ status: 400, errorCode: 'INVALID_PARAMETER_VALUE' });
      expect(isNotFound(missingAlias)).toBe(true);
      const badNumber = await failureFrom(modelVersions.get(name, NaN));
      expect(badNumber).toMatchObject({ status: 400, errorCode: 'INVALID_PARAMETER_VALUE' });
      expect(isNotFound(badNumber)).toBe(false);
    });

    it('moves and removes aliases, and deletes them with their version', async () => {
      const { registeredModels, modelVersions } = context().client;
      const { name, source, modelId } = await newModel();
      for (let count = 0; count < 2; count += 1) await modelVersions.create({ name, source, modelId });
      await registeredModels.setAlias(name, 'champion', 1);
      await registeredModels.setAlias(name, 'champion', 2);
      expect((await registeredModels.get(name)).aliases).toEqual({ champion: 2 });
      expect((await modelVersions.get(name, 1)).aliases).toEqual([]);
      await registeredModels.deleteAlias(name, 'champion');
      await registeredModels.deleteAlias(name, 'champion');
      expect(isNotFound(await failureFrom(modelVersions.getByAlias(name, 'champion')))).toBe(true);
      await registeredModels.setAlias(name, 'champion', 2);
      await modelVersions.delete(name, 2);
      expect(isNotFound(await failureFrom(modelVersions.getByAlias(name, 'champion')))).toBe(true);
      await expect(modelVersions.create({ name, source, modelId })).resolves.toMatchObject({ version: 3 });
    });

    it('finds versions by tag, among the versions of its own model, past one page', async () => {
      const { modelVersions } = context().client;
      const [one, other] = [await newModel(), await newModel()];
      for (const model of [one, one, one, other]) {
        await modelVersions.create({ ...model, tags: { 'millrace.key': 'same' }, description: 'd' });
      }
      const filter = `name = '${one.name}' and ${tagEquals('millrace.key', 'same')}`;
      const found = await collect(
        modelVersions.search({ filter, pageSize: 2, orderBy: ['version_number ASC'] }),
      );
      expect(found.map(({ name, version, modelId }) => [name, version, modelId])).toEqual(
        [1, 2, 3].map((version) => [one.name, version, one.modelId]),
      );
      await modelVersions.setTag(one.name, 2, 'millrace.key', 'changed');
      await modelVersions.deleteTag(one.name, 3, 'millrace.key');
      await modelVersions.update(one.name, 1, { description: 'described' });
      await expect(collect(modelVersions.search({ filter }))).resolves.toMatchObject([
        { version: 1, description: 'described' },
      ]);
    });

    it('describes, tags, finds and deletes registered models', async () => {
      const { registeredModels } = context().client;
      const { name } = await newModel();
      await registeredModels.update(name, { description: 'new' });
      await registeredModels.setTag(name, 'k', 'v');
      await registeredModels.setTag(name, 'gone', 'v');
      await registeredModels.deleteTag(name, 'gone');
      const filter = `name = '${name}' and ${tagEquals('k', 'v')}`;
      await expect(collect(registeredModels.search({ filter }))).resolves.toMatchObject([
        { name, description: 'new', tags: { k: 'v' } },
      ]);
      await registeredModels.delete(name);
      expect(isNotFound(await failureFrom(registeredModels.get(name)))).toBe(true);
    });

    it('refuses a source that belongs to another model', async () => {
      const { modelVersions } = context().client;
      const [one, other] = [await newModel(), await newModel()];
      await expect(
        modelVersions.create({ name: one.name, source: other.source, modelId: one.modelId }),
      ).rejects.toMatchObject({
        status: 400,
        retryable: false,
      });
    });
  });
}
