/** Versions and aliases for the owner of a model, and handing over to it. */
import type { HandoverActivities, ReleaseActivities } from '../../contracts/activity-interfaces';
import {
  modelVersionInputSchema,
  readChampionInputSchema,
  registerVersionInputSchema,
  submitReleaseInputSchema,
} from '../../contracts/steps';
import { VERSION_TAGS, versionKeyFor, versionTagsFor } from '../../contracts/version-tags';
import type { ModelRegistry } from '../../ports/model-registry';
import type { RunMessenger } from '../../ports/run-messenger';
import { heartbeating } from '../long-work';

/** Alias of the version in production: set after its smoke test, never before. */
const CHAMPION = 'champion';
/** Alias of the version registered last, until it is champion. */
const CHALLENGER = 'challenger';

/** Given by the worker's composition root. */
export interface ReleaseActivityDependencies {
  readonly models: ModelRegistry;
  readonly messenger: RunMessenger;
}

/** The activities of {@link ReleaseActivities} and {@link HandoverActivities}. */
export function createReleaseActivities({
  models,
  messenger,
}: ReleaseActivityDependencies): ReleaseActivities & HandoverActivities {
  return {
    registerVersion: (rawInput) =>
      heartbeating(async (signal) => {
        const { request } = registerVersionInputSchema.parse(rawInput);
        const { model } = request;
        const { version } = await models.register(
          {
            model,
            keyTag: VERSION_TAGS.key,
            key: versionKeyFor(request),
            modelId: request.modelId,
            runId: request.mlflowRunId,
            tags: versionTagsFor(request),
          },
          signal,
        );
        const champion = await models.versionByAlias(model, CHAMPION, signal);
        if (champion?.version !== version) await models.setAlias(model, CHALLENGER, version, signal);
        return { version, championVersion: champion?.version ?? null };
      }),

    readChampion: (rawInput) =>
      heartbeating(async (signal) => {
        const { model } = readChampionInputSchema.parse(rawInput);
        return { championVersion: (await models.versionByAlias(model, CHAMPION, signal))?.version ?? null };
      }),

    setChampionAlias: (rawInput) =>
      heartbeating(async (signal) => {
        const { model, version } = modelVersionInputSchema.parse(rawInput);
        await models.setAlias(model, CHAMPION, version, signal);
        await models.removeAlias(model, CHALLENGER, version, signal);
      }),

    submitRelease: async (rawInput) => {
      await messenger.submitRelease(submitReleaseInputSchema.parse(rawInput).request);
    },
  };
}
