import { registeredModelOf, type RegisteredModel } from '../entities/registry';
import { endpoints } from '../generated/endpoints';
import { paginate } from '../pagination';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';
import { pairsOf } from '../wire/pairs';

/** Registered models and their aliases. Every method throws `MlflowError`. */
export type RegisteredModels = ReturnType<typeof createRegisteredModels>;

/** What a registered model is created with. */
export interface NewRegisteredModel {
  readonly name: string;
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Which registered models or versions to list. */
export interface RegistrySearch {
  /** MLflow's filter language: `name LIKE 'telco%'`, or what `tagEquals` makes. */
  readonly filter?: string | undefined;
  readonly orderBy?: readonly string[] | undefined;
  /** Items fetched at a time; 100 unless given. */
  readonly pageSize?: number | undefined;
}

/** Builds {@link RegisteredModels}. */
export function createRegisteredModels(call: Call) {
  return {
    /** @throws MlflowError `RESOURCE_ALREADY_EXISTS` (status 400) when the name is taken: see `client.ensure.registeredModel`. */
    async create(model: NewRegisteredModel, options?: CallOptions): Promise<RegisteredModel> {
      const answer = await call(
        endpoints.createRegisteredModel,
        { name: model.name, description: model.description, tags: pairsOf(model.tags) },
        options,
      );
      return registeredModelOf(answer.registered_model);
    },

    /** @throws MlflowError for which `isNotFound` is true when there is none. */
    async get(name: string, options?: CallOptions): Promise<RegisteredModel> {
      return registeredModelOf(
        (await call(endpoints.getRegisteredModel, { name }, options)).registered_model,
      );
    },

    /** The registered models that match, page by page. */
    search(
      search: RegistrySearch = {},
      options?: CallOptions,
    ): AsyncGenerator<RegisteredModel, void, undefined> {
      return paginate(async (pageToken) => {
        const answer = await call(
          endpoints.searchRegisteredModels,
          {
            filter: search.filter,
            order_by: search.orderBy === undefined ? undefined : [...search.orderBy],
            max_results: search.pageSize ?? 100,
            page_token: pageToken,
          },
          options,
        );
        const items = (answer.registered_models ?? []).map(registeredModelOf);
        return { items, nextPageToken: answer.next_page_token };
      });
    },

    async update(
      name: string,
      update: { readonly description: string },
      options?: CallOptions,
    ): Promise<void> {
      await call(endpoints.updateRegisteredModel, { name, description: update.description }, options);
    },

    async setTag(name: string, key: string, value: string, options?: CallOptions): Promise<void> {
      await call(endpoints.setRegisteredModelTag, { name, key, value }, options);
    },

    async deleteTag(name: string, key: string, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteRegisteredModelTag, { name, key }, options);
    },

    /** Points an alias at a version, wherever it pointed before. */
    async setAlias(name: string, alias: string, version: number, options?: CallOptions): Promise<void> {
      await call(endpoints.setRegisteredModelAlias, { name, alias, version: String(version) }, options);
    },

    /** Takes an alias away; one that is not there is no error. */
    async deleteAlias(name: string, alias: string, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteRegisteredModelAlias, { name, alias }, options);
    },

    /** Deletes it with all its versions, for good. */
    async delete(name: string, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteRegisteredModel, { name }, options);
    },
  };
}
