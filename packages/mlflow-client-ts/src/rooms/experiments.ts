import { experimentOf, type Experiment } from '../entities/experiment';
import { endpoints } from '../generated/endpoints';
import type { ViewType } from '../generated/schemas';
import { paginate } from '../pagination';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';
import { pairsOf } from '../wire/pairs';
import { required } from '../wire/required';

/** Experiments: create, find, tag, delete. Every method throws `MlflowError`. */
export type Experiments = ReturnType<typeof createExperiments>;

/** What an experiment is created with. */
export interface NewExperiment {
  /** Unique among all experiments, deleted ones included. */
  readonly name: string;
  readonly artifactLocation?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Which experiments to list. */
export interface ExperimentSearch {
  /** MLflow's filter language: `name LIKE 'telco%'`, or what `tagEquals` makes. */
  readonly filter?: string | undefined;
  readonly orderBy?: readonly string[] | undefined;
  /** `ACTIVE_ONLY` unless given. */
  readonly view?: ViewType | undefined;
  /** Items fetched at a time; 100 unless given. */
  readonly pageSize?: number | undefined;
}

/** Builds {@link Experiments}. */
export function createExperiments(call: Call) {
  return {
    /**
     * Creates an experiment; its id is the answer.
     *
     * @throws MlflowError `RESOURCE_ALREADY_EXISTS` (status 400) when the name is taken, by a deleted one too.
     */
    async create(experiment: NewExperiment, options?: CallOptions): Promise<string> {
      const { experiment_id } = await call(
        endpoints.createExperiment,
        {
          name: experiment.name,
          artifact_location: experiment.artifactLocation,
          tags: pairsOf(experiment.tags),
        },
        options,
      );
      return required(experiment_id, 'experiment_id');
    },

    /** @throws MlflowError for which `isNotFound` is true when there is none. */
    async get(experimentId: string, options?: CallOptions): Promise<Experiment> {
      const answer = await call(endpoints.getExperiment, { experiment_id: experimentId }, options);
      return experimentOf(answer.experiment);
    },

    /** Finds a deleted one too: look at `lifecycleStage`. @throws MlflowError for which `isNotFound` is true when there is none. */
    async getByName(name: string, options?: CallOptions): Promise<Experiment> {
      const answer = await call(endpoints.getExperimentByName, { experiment_name: name }, options);
      return experimentOf(answer.experiment);
    },

    /** The experiments that match, page by page. */
    search(
      search: ExperimentSearch = {},
      options?: CallOptions,
    ): AsyncGenerator<Experiment, void, undefined> {
      return paginate(async (pageToken) => {
        const answer = await call(
          endpoints.searchExperiments,
          {
            filter: search.filter,
            order_by: search.orderBy === undefined ? undefined : [...search.orderBy],
            view_type: search.view ?? 'ACTIVE_ONLY',
            max_results: search.pageSize ?? 100,
            page_token: pageToken,
          },
          options,
        );
        return { items: (answer.experiments ?? []).map(experimentOf), nextPageToken: answer.next_page_token };
      });
    },

    async rename(experimentId: string, name: string, options?: CallOptions): Promise<void> {
      await call(endpoints.updateExperiment, { experiment_id: experimentId, new_name: name }, options);
    },

    async setTag(experimentId: string, key: string, value: string, options?: CallOptions): Promise<void> {
      await call(endpoints.setExperimentTag, { experiment_id: experimentId, key, value }, options);
    },

    /** Marks it deleted, with its runs. Its name stays taken. */
    async delete(experimentId: string, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteExperiment, { experiment_id: experimentId }, options);
    },

    async restore(experimentId: string, options?: CallOptions): Promise<void> {
      await call(endpoints.restoreExperiment, { experiment_id: experimentId }, options);
    },
  };
}
