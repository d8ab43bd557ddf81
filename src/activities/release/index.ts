/** Versions and aliases for the owner of a model, and handing over to it. */
import type { HandoverActivities, ReleaseActivities } from '../../contracts/activity-interfaces';
import {
  modelVersionInputSchema,
  readChampionInputSchema,
  registerVersionInputSchema,
  submitReleaseInputSchema,
} from '../../contracts/steps';
import { VERSION_ALIASES } from '../../contracts/release';
import { VERSION_TAGS, versionKeyFor, versionTagsFor } from '../../contracts/version-tags';
import type { ModelRegistry } from '../../ports/model-registry';
import type { RunMessenger } from '../../ports/run-messenger';
import { heartbeating } from '../long-work';

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
        const champion = await models.versionByAlias(model, VERSION_ALIASES.champion, signal);
        if (champion?.version !== version)
          await models.setAlias(model, VERSION_ALIASES.challenger, version, signal);
        return { version, championVersion: champion?.version ?? null };
      }),

    readChampion: (rawInput) =>
      heartbeating(async (signal) => {
        const { model } = readChampionInputSchema.parse(rawInput);
        return {
          championVersion:
            (await models.versionByAlias(model, VERSION_ALIASES.champion, signal))?.version ?? null,
        };
      }),

    setChampionAlias: (rawInput) =>
      heartbeating(async (signal) => {
        const { model, version } = modelVersionInputSchema.parse(rawInput);
        await models.setAlias(model, VERSION_ALIASES.champion, version, signal);
        await models.removeAlias(model, VERSION_ALIASES.challenger, version, signal);
      }),

    submitRelease: async (rawInput) => {
      await messenger.submitRelease(submitReleaseInputSchema.parse(rawInput).request);
    },
  };
}
