import type { Experiment } from '../entities/experiment';
import type { LoggedModel } from '../entities/logged-model';
import type { ModelVersion, RegisteredModel } from '../entities/registry';
import type { Run } from '../entities/run';
import { isAlreadyExists, isNotFound, MlflowError } from '../errors';
import { loggedModelTagEquals, quoteValue, tagEquals } from '../filters';
import { collect } from '../pagination';
import type { Experiments, NewExperiment } from '../rooms/experiments';
import type { LoggedModels, NewLoggedModel } from '../rooms/logged-models';
import type { ModelVersions, NewModelVersion } from '../rooms/model-versions';
import type { NewRegisteredModel, RegisteredModels } from '../rooms/registered-models';
import type { NewRun, Runs } from '../rooms/runs';
import type { CallOptions } from '../transport/options';
import { byNumberThenId, ensureTagged, type Ensured, type IdentityTag } from './ensured';

/**
 * "Find it or create it", for callers that may be cut off after a request and repeat it, as Temporal's activities are. Every
 * method throws `MlflowError`; after a retryable one, call again with the same arguments.
 */
export type Ensure = ReturnType<typeof createEnsure>;

/** The rooms it is made of. */
export interface EnsureRooms {
  readonly experiments: Experiments;
  readonly runs: Runs;
  readonly loggedModels: LoggedModels;
  readonly registeredModels: RegisteredModels;
  readonly modelVersions: ModelVersions;
}

/** Builds {@link Ensure}. */
export function createEnsure(rooms: EnsureRooms) {
  const { experiments, runs, loggedModels, registeredModels, modelVersions } = rooms;

  return {
    /**
     * The experiment of a name. Safe against races: MLflow keeps the names unique. Tags are given to a new one only.
     *
     * @throws MlflowError `DELETED_RESOURCE` when the name belongs to a deleted experiment.
     */
    async experiment(experiment: NewExperiment, options?: CallOptions): Promise<Ensured<Experiment>> {
      const { item, created } = await ensureNamed({
        get: () => experiments.getByName(experiment.name, options),
        create: async () => experiments.get(await experiments.create(experiment, options), options),
      });
      if (item.lifecycleStage !== 'active') {
        throw new MlflowError(
          `the experiment "${experiment.name}" (id ${item.experimentId}) is deleted, and its name stays taken: ` +
            'restore it, or choose another name',
          { errorCode: 'DELETED_RESOURCE', retryable: false },
        );
      }
      return { item, created, duplicates: [] };
    },

    /**
     * The run that carries a tag. Deleted runs do not count.
     *
     * Calls that overlap: the run with the earliest `startTime` is the one, then the lowest id. That time is the callers'
     * own, so give all of them the same (of the workflow, not of the attempt). MLflow has no unique key and no server time
     * for runs, so this is not exclusive: of two calls, one that had returned before the other created may keep a run of its
     * own; with three or more at the very same time, one may be given a run that its maker then deletes. Calls one after the
     * other, lost answers included, always agree.
     */
    async run(identity: IdentityTag, run: NewRun, options?: CallOptions): Promise<Ensured<Run>> {
      const search = {
        experimentIds: [run.experimentId],
        filter: tagEquals(identity.key, identity.value),
      };
      return ensureTagged<Run>({
        identity,
        find: () => collect(runs.search(search, options)),
        create: () => runs.create({ ...run, tags: withIdentity(run.tags, identity) }, options),
        discard: (own) => runs.delete(own.runId, options),
        idOf: ({ runId }) => runId,
        tagsOf: ({ tags }) => tags,
        compare: byNumberThenId(
          ({ startTime }) => startTime,
          ({ runId }) => runId,
        ),
      });
    },

    /**
     * The logged model that carries a tag. Deleted models do not count.
     *
     * Calls that overlap: the one created first by the server's clock is the one, then the lowest id. Within the same
     * millisecond, or behind several servers whose clocks differ, what is said of `run` holds here too.
     *
     * @throws MlflowError `INVALID_REQUEST` for a value with a single quote, which the search for logged models cannot find.
     */
    async loggedModel(
      identity: IdentityTag,
      model: NewLoggedModel,
      options?: CallOptions,
    ): Promise<Ensured<LoggedModel>> {
      const search = {
        experimentIds: [model.experimentId],
        filter: loggedModelTagEquals(identity.key, identity.value),
      };
      return ensureTagged<LoggedModel>({
        identity,
        find: () => collect(loggedModels.search(search, options)),
        create: () => loggedModels.create({ ...model, tags: withIdentity(model.tags, identity) }, options),
        discard: (own) => loggedModels.delete(own.modelId, options),
        idOf: ({ modelId }) => modelId,
        tagsOf: ({ tags }) => tags,
        compare: byNumberThenId(
          ({ creationTime }) => creationTime,
          ({ modelId }) => modelId,
        ),
      });
    },

    /** The registered model of a name. Safe against races: MLflow keeps the names unique. Tags are given to a new one only. */
    async registeredModel(
      model: NewRegisteredModel,
      options?: CallOptions,
    ): Promise<Ensured<RegisteredModel>> {
      const ensured = await ensureNamed({
        get: () => registeredModels.get(model.name, options),
        create: () => registeredModels.create(model, options),
      });
      return { ...ensured, duplicates: [] };
    },

    /**
     * The version of a registered model that carries a tag.
     *
     * Safe against races between calls that run to their end: the server numbers versions in order of creation and the
     * lowest number is the one; a call that made a higher one deletes it, and its number stays unused. A call that is cut off
     * between the two leaves a second version, named in `duplicates` by later calls.
     */
    async modelVersion(
      identity: IdentityTag,
      version: NewModelVersion,
      options?: CallOptions,
    ): Promise<Ensured<ModelVersion>> {
      const search = {
        filter: `name = ${quoteValue(version.name)} and ${tagEquals(identity.key, identity.value)}`,
      };
      return ensureTagged<ModelVersion>({
        identity,
        find: () => collect(modelVersions.search(search, options)),
        create: () =>
          modelVersions.create({ ...version, tags: withIdentity(version.tags, identity) }, options),
        discard: (own) => modelVersions.delete(own.name, own.version, options),
        idOf: (item) => String(item.version),
        tagsOf: ({ tags }) => tags,
        compare: (a, b) => a.version - b.version,
      });
    },
  };
}

function withIdentity(
  tags: Readonly<Record<string, string>> | undefined,
  identity: IdentityTag,
): Record<string, string> {
  return { ...tags, [identity.key]: identity.value };
}

/** Finds or creates what MLflow itself keeps unique by name: who loses the race to create finds the winner's. */
async function ensureNamed<Item>(steps: {
  readonly get: () => Promise<Item>;
  readonly create: () => Promise<Item>;
}): Promise<{ item: Item; created: boolean }> {
  try {
    return { item: await steps.get(), created: false };
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    return { item: await steps.create(), created: true };
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return { item: await steps.get(), created: false };
  }
}
