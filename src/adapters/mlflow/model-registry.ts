/** Registered models, versions and aliases in MLflow, behind the port. */
import { isNotFound, loggedModelUri, type MlflowClient, type ModelVersion } from 'mlflow-client-ts';
import { MillraceError } from '../../contracts/errors';
import type { ModelRegistry, RegisteredVersion } from '../../ports/model-registry';
import { withMlflowErrors } from './errors';

/** The registry of an MLflow server. */
export function createMlflowRegistry(client: MlflowClient): ModelRegistry {
  const find = async (get: () => Promise<ModelVersion>): Promise<ModelVersion | undefined> => {
    try {
      return await get();
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const byAlias = (model: string, alias: string, signal?: AbortSignal) =>
    find(() => client.modelVersions.getByAlias(model, alias, { signal }));

  return {
    register: (version, signal) =>
      withMlflowErrors(`register a version of ${version.model}`, async () => {
        await client.ensure.registeredModel({ name: version.model }, { signal });
        const { item } = await client.ensure.modelVersion(
          { key: version.keyTag, value: version.key },
          {
            name: version.model,
            source: loggedModelUri(version.modelId),
            modelId: version.modelId,
            runId: version.runId,
            tags: version.tags,
          },
          { signal },
        );
        assertRegistered(item);
        for (const [key, value] of Object.entries(version.tags))
          if (item.tags[key] !== value)
            await client.modelVersions.setTag(item.name, item.version, key, value, { signal });
        return registeredOf({ ...item, tags: { ...item.tags, ...version.tags } });
      }),

    version: (model, version, signal) =>
      withMlflowErrors(`look up version ${version} of ${model}`, async () => {
        // MLflow would answer a name that is no number with an error of its own.
        if (!/^[1-9]\d{0,8}$/.test(version)) return undefined;
        const found = await find(() => client.modelVersions.get(model, Number(version), { signal }));
        return found && registeredOf(found);
      }),

    versionByAlias: (model, alias, signal) =>
      withMlflowErrors(`look up the ${alias} of ${model}`, async () => {
        const found = await byAlias(model, alias, signal);
        return found && registeredOf(found);
      }),

    setAlias: (model, alias, version, signal) =>
      withMlflowErrors(`make version ${version} of ${model} the ${alias}`, () =>
        client.registeredModels.setAlias(model, alias, Number(version), { signal }),
      ),

    removeAlias: (model, alias, version, signal) =>
      withMlflowErrors(`take the alias ${alias} from version ${version} of ${model}`, async () => {
        const holder = await byAlias(model, alias, signal);
        if (String(holder?.version) === version)
          await client.registeredModels.deleteAlias(model, alias, { signal });
      }),

    download: (model, version, directory, signal) =>
      withMlflowErrors(`fetch version ${version} of ${model}`, async () => {
        await client.artifacts.downloadFolder(
          { modelName: model, version: Number(version) },
          directory,
          undefined,
          { signal },
        );
      }),
  };
}

function assertRegistered(version: ModelVersion): void {
  if (version.status !== 'FAILED_REGISTRATION') return;
  throw new MillraceError(
    'REGISTRY_CONFLICT',
    `MLflow could not register version ${version.version} of ${version.name}: ${version.statusMessage ?? 'it does not say why'}`,
    { mend: 'Delete that version in MLflow, then retry the run.' },
  );
}

function registeredOf(version: ModelVersion): RegisteredVersion {
  return {
    model: version.name,
    version: String(version.version),
    tags: version.tags,
    aliases: version.aliases,
    ...(version.modelId !== undefined && { modelId: version.modelId }),
    ...(version.runId !== undefined && { runId: version.runId }),
  };
}
