import {
  loggedModelOf,
  loggedModelStatusMessage,
  type LoggedModel,
  type LoggedModelStatus,
} from '../entities/logged-model';
import { endpoints } from '../generated/endpoints';
import { paginate } from '../pagination';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';
import { chunksOf, pairsOf } from '../wire/pairs';

/** Logged models: create, finalize, describe, find. Every method throws `MlflowError`. */
export type LoggedModels = ReturnType<typeof createLoggedModels>;

/** What a logged model is created with. */
export interface NewLoggedModel {
  readonly experimentId: string;
  /** Not unique. MLflow makes one up when none is given. */
  readonly name?: string | undefined;
  /** A word for what it is; MLflow gives it no meaning. */
  readonly modelType?: string | undefined;
  /** The run that produced it; see also `lineage.logOutputs`. */
  readonly sourceRunId?: string | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Which logged models to list. */
export interface LoggedModelSearch {
  /** At least one. */
  readonly experimentIds: readonly string[];
  /** MLflow's filter language: `name = 'boosted' and metrics.f1 > 0.8`, or what `loggedModelTagEquals` makes. */
  readonly filter?: string | undefined;
  /** Metrics in filter and order are those measured on these data sets. */
  readonly datasets?: readonly { readonly name: string; readonly digest?: string }[] | undefined;
  /** Newest first unless given. `field` is `creation_time`, `metrics.f1`, … */
  readonly orderBy?:
    | readonly {
        readonly field: string;
        readonly ascending?: boolean;
        readonly dataset?: { readonly name: string; readonly digest: string };
      }[]
    | undefined;
  /** Items fetched at a time; 50 unless given. */
  readonly pageSize?: number | undefined;
}

/** How many parameters MLflow's own client sends at once. */
const paramsPerRequest = 100;

/** Builds {@link LoggedModels}. */
export function createLoggedModels(call: Call) {
  const logParams = async (
    modelId: string,
    params: Readonly<Record<string, string>>,
    options?: CallOptions,
  ) => {
    for (const part of chunksOf(pairsOf(params), paramsPerRequest)) {
      await call(endpoints.logLoggedModelParams, { model_id: modelId, params: part }, options);
    }
  };
  const get = async (modelId: string, options?: CallOptions): Promise<LoggedModel> =>
    loggedModelOf((await call(endpoints.getLoggedModel, { model_id: modelId }, options)).model);

  return {
    /** Creates a model in state `PENDING`. Called twice it creates two: see `client.ensure.loggedModel`. */
    async create(model: NewLoggedModel, options?: CallOptions): Promise<LoggedModel> {
      const params = pairsOf(model.params);
      const answer = await call(
        endpoints.createLoggedModel,
        {
          experiment_id: model.experimentId,
          name: model.name,
          model_type: model.modelType,
          source_run_id: model.sourceRunId,
          params: params.slice(0, paramsPerRequest),
          tags: pairsOf(model.tags),
        },
        options,
      );
      const created = loggedModelOf(answer.model);
      if (params.length <= paramsPerRequest) return created;
      const rest = params.slice(paramsPerRequest).map(({ key, value }) => [key, value] as const);
      await logParams(created.modelId, Object.fromEntries(rest), options);
      return get(created.modelId, options);
    },

    /** Says that its files are there, or that they will not be. Twice the same is once. */
    async finalize(
      modelId: string,
      status: Exclude<LoggedModelStatus, 'PENDING'>,
      options?: CallOptions,
    ): Promise<LoggedModel> {
      const request = { model_id: modelId, status: loggedModelStatusMessage(status) };
      return loggedModelOf((await call(endpoints.finalizeLoggedModel, request, options)).model);
    },

    /** @throws MlflowError for which `isNotFound` is true when there is none, or it is deleted. */
    get,

    /** The models that match, page by page; deleted ones are left out. */
    search(search: LoggedModelSearch, options?: CallOptions): AsyncGenerator<LoggedModel, void, undefined> {
      return paginate(async (pageToken) => {
        const answer = await call(
          endpoints.searchLoggedModels,
          {
            experiment_ids: [...search.experimentIds],
            filter: search.filter,
            datasets: search.datasets?.map(({ name, digest }) => ({
              dataset_name: name,
              dataset_digest: digest,
            })),
            order_by: search.orderBy?.map(({ field, ascending, dataset }) => ({
              field_name: field,
              ascending: ascending ?? true,
              dataset_name: dataset?.name,
              dataset_digest: dataset?.digest,
            })),
            max_results: search.pageSize ?? 50,
            page_token: pageToken,
          },
          options,
        );
        return { items: (answer.models ?? []).map(loggedModelOf), nextPageToken: answer.next_page_token };
      });
    },

    /** Adds parameters, 100 a request. */
    logParams,

    async setTags(
      modelId: string,
      tags: Readonly<Record<string, string>>,
      options?: CallOptions,
    ): Promise<void> {
      await call(endpoints.setLoggedModelTags, { model_id: modelId, tags: pairsOf(tags) }, options);
    },

    /** A key with a slash cannot be deleted: it stands in the path, and MLflow's router takes it for two parts. */
    async deleteTag(modelId: string, key: string, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteLoggedModelTag, { model_id: modelId, tag_key: key }, options);
    },

    /** Marks it deleted: neither `get` nor `search` finds it again. */
    async delete(modelId: string, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteLoggedModel, { model_id: modelId }, options);
    },
  };
}
