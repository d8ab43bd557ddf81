import { modelVersionOf, type ModelVersion } from '../entities/registry';
import { endpoints } from '../generated/endpoints';
import { paginate } from '../pagination';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';
import { pairsOf } from '../wire/pairs';
import { required } from '../wire/required';
import type { RegistrySearch } from './registered-models';

/** Versions of registered models. Every method throws `MlflowError`. */
export type ModelVersions = ReturnType<typeof createModelVersions>;

/** What a version is created with. */
export interface NewModelVersion {
  /** A registered model that exists. */
  readonly name: string;
  /** What it is made of: `loggedModelUri(modelId)`, or an artifact address within the run `runId`. */
  readonly source: string;
  /** The logged model of the source; MLflow refuses a source that does not belong to it. */
  readonly modelId?: string | undefined;
  readonly runId?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Builds {@link ModelVersions}. */
export function createModelVersions(call: Call) {
  return {
    /** Creates the next version. Called twice it creates two: see `client.ensure.modelVersion`. */
    async create(version: NewModelVersion, options?: CallOptions): Promise<ModelVersion> {
      const answer = await call(
        endpoints.createModelVersion,
        {
          name: version.name,
          source: version.source,
          model_id: version.modelId,
          run_id: version.runId,
          description: version.description,
          tags: pairsOf(version.tags),
        },
        options,
      );
      return modelVersionOf(answer.model_version);
    },

    /** @throws MlflowError for which `isNotFound` is true when there is none. */
    async get(name: string, version: number, options?: CallOptions): Promise<ModelVersion> {
      const answer = await call(endpoints.getModelVersion, { name, version: String(version) }, options);
      return modelVersionOf(answer.model_version);
    },

    /** @throws MlflowError for which `isNotFound` is true when the model, or the alias on it, does not exist. */
    async getByAlias(name: string, alias: string, options?: CallOptions): Promise<ModelVersion> {
      return modelVersionOf(
        (await call(endpoints.getModelVersionByAlias, { name, alias }, options)).model_version,
      );
    },

    /** The versions that match, of all registered models, page by page. Their aliases are left out. */
    search(
      search: RegistrySearch = {},
      options?: CallOptions,
    ): AsyncGenerator<ModelVersion, void, undefined> {
      return paginate(async (pageToken) => {
        const answer = await call(
          endpoints.searchModelVersions,
          {
            filter: search.filter,
            order_by: search.orderBy === undefined ? undefined : [...search.orderBy],
            max_results: search.pageSize ?? 100,
            page_token: pageToken,
          },
          options,
        );
        return {
          items: (answer.model_versions ?? []).map(modelVersionOf),
          nextPageToken: answer.next_page_token,
        };
      });
    },

    async update(
      name: string,
      version: number,
      update: { readonly description: string },
      options?: CallOptions,
    ): Promise<void> {
      const request = { name, version: String(version), description: update.description };
      await call(endpoints.updateModelVersion, request, options);
    },

    async setTag(
      name: string,
      version: number,
      key: string,
      value: string,
      options?: CallOptions,
    ): Promise<void> {
      await call(endpoints.setModelVersionTag, { name, version: String(version), key, value }, options);
    },

    async deleteTag(name: string, version: number, key: string, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteModelVersionTag, { name, version: String(version), key }, options);
    },

    /** The address of its files, with `models:/…` resolved. */
    async artifactUri(name: string, version: number, options?: CallOptions): Promise<string> {
      const answer = await call(
        endpoints.getModelVersionDownloadUri,
        { name, version: String(version) },
        options,
      );
      return required(answer.artifact_uri, 'artifact_uri');
    },

    /** Deletes it for good, with the aliases that point to it. */
    async delete(name: string, version: number, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteModelVersion, { name, version: String(version) }, options);
    },
  };
}
