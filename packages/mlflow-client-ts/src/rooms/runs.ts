import { parentRunTag, runOf, type Run, type RunStatus } from '../entities/run';
import { endpoints } from '../generated/endpoints';
import type { ViewType } from '../generated/schemas';
import { paginate } from '../pagination';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';
import { pairsOf } from '../wire/pairs';

/** Runs: create, nest, end, find, tag. Every method throws `MlflowError`. */
export type Runs = ReturnType<typeof createRuns>;

/** What a run is created with. */
export interface NewRun {
  readonly experimentId: string;
  /** MLflow makes one up (`bemused-cat-12`) when none is given. */
  readonly runName?: string | undefined;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** Nests the new run under this one. */
  readonly parentRunId?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Who ran it; shown on MLflow's page. */
  readonly user?: string | undefined;
}

/** What of a run may be changed. */
export interface RunUpdate {
  readonly status?: RunStatus | undefined;
  /** Milliseconds since 1970. */
  readonly endTime?: number | undefined;
  readonly runName?: string | undefined;
}

/** Which runs to list. */
export interface RunSearch {
  /** At least one; MLflow finds nothing without. */
  readonly experimentIds: readonly string[];
  /** MLflow's filter language: `metrics.f1 > 0.8 and params.depth = '6'`, or what `tagEquals` makes. */
  readonly filter?: string | undefined;
  /** `attributes.start_time DESC` unless given. */
  readonly orderBy?: readonly string[] | undefined;
  /** `ACTIVE_ONLY` unless given. */
  readonly view?: ViewType | undefined;
  /** Items fetched at a time; 100 unless given. */
  readonly pageSize?: number | undefined;
}

/** Builds {@link Runs}. */
export function createRuns(call: Call) {
  return {
    /** Creates a run in state `RUNNING`. Called twice it creates two: see `client.ensure.run`. */
    async create(run: NewRun, options?: CallOptions): Promise<Run> {
      const tags = { ...run.tags };
      if (run.parentRunId !== undefined) tags[parentRunTag] = run.parentRunId;
      if (run.user !== undefined) tags['mlflow.user'] = run.user;
      const answer = await call(
        endpoints.createRun,
        {
          experiment_id: run.experimentId,
          run_name: run.runName,
          start_time: run.startTime,
          user_id: run.user,
          tags: pairsOf(tags),
        },
        options,
      );
      return runOf(answer.run);
    },

    /** Also finds a deleted one. @throws MlflowError for which `isNotFound` is true when there is none. */
    async get(runId: string, options?: CallOptions): Promise<Run> {
      return runOf((await call(endpoints.getRun, { run_id: runId }, options)).run);
    },

    /** Changes status, end time or name; twice the same is once. */
    async update(runId: string, update: RunUpdate, options?: CallOptions): Promise<void> {
      await call(
        endpoints.updateRun,
        { run_id: runId, status: update.status, end_time: update.endTime, run_name: update.runName },
        options,
      );
    },

    /** The runs that match, page by page. */
    search(search: RunSearch, options?: CallOptions): AsyncGenerator<Run, void, undefined> {
      return paginate(async (pageToken) => {
        const answer = await call(
          endpoints.searchRuns,
          {
            experiment_ids: [...search.experimentIds],
            filter: search.filter,
            order_by: search.orderBy === undefined ? undefined : [...search.orderBy],
            run_view_type: search.view ?? 'ACTIVE_ONLY',
            max_results: search.pageSize ?? 100,
            page_token: pageToken,
          },
          options,
        );
        return { items: (answer.runs ?? []).map(runOf), nextPageToken: answer.next_page_token };
      });
    },

    async setTag(runId: string, key: string, value: string, options?: CallOptions): Promise<void> {
      await call(endpoints.setTag, { run_id: runId, key, value }, options);
    },

    /** @throws MlflowError for which `isNotFound` is true when the run has no such tag. */
    async deleteTag(runId: string, key: string, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteTag, { run_id: runId, key }, options);
    },

    /** Marks it deleted: searches leave it out, `get` finds it, `restore` brings it back. */
    async delete(runId: string, options?: CallOptions): Promise<void> {
      await call(endpoints.deleteRun, { run_id: runId }, options);
    },

    async restore(runId: string, options?: CallOptions): Promise<void> {
      await call(endpoints.restoreRun, { run_id: runId }, options);
    },
  };
}
