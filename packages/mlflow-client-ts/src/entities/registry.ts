import type * as wire from '../generated/schemas';
import { recordOf } from '../wire/pairs';
import { required, textOrUndefined } from '../wire/required';

/** A name in the registry under which versions are kept. */
export interface RegisteredModel {
  readonly name: string;
  readonly description: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Alias to version number. */
  readonly aliases: Readonly<Record<string, number>>;
  /** Milliseconds since 1970. */
  readonly creationTime: number;
}

/** One version of a registered model. */
export interface ModelVersion {
  readonly name: string;
  /** 1, 2, 3, … in order of creation. The number of a deleted version is not given out again. */
  readonly version: number;
  readonly status: 'PENDING_REGISTRATION' | 'FAILED_REGISTRATION' | 'READY' | undefined;
  /** Why, when the status is `FAILED_REGISTRATION`. */
  readonly statusMessage: string | undefined;
  /** What it was made of: `models:/m-…` or an artifact address. */
  readonly source: string;
  readonly runId: string | undefined;
  /** The logged model it was made of. */
  readonly modelId: string | undefined;
  readonly description: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** The aliases that point to it. Empty in the answers of `search`, which leaves them out: use `get` or `byAlias`. */
  readonly aliases: readonly string[];
  /** Milliseconds since 1970. */
  readonly creationTime: number;
}

const loggedModelSource = /^models:\/(m-[0-9a-f]+)$/;

/** Reads MLflow's spelling. */
export function registeredModelOf(message: wire.RegisteredModel | undefined): RegisteredModel {
  const model = required(message, 'registered_model');
  return {
    name: required(model.name, 'registered_model.name'),
    description: textOrUndefined(model.description),
    tags: recordOf(model.tags),
    aliases: Object.fromEntries(
      (model.aliases ?? []).map(({ alias, version }) => [
        required(alias, 'alias.alias'),
        Number(required(version, 'alias.version')),
      ]),
    ),
    creationTime: model.creation_timestamp ?? 0,
  };
}

/** Reads MLflow's spelling. */
export function modelVersionOf(message: wire.ModelVersion | undefined): ModelVersion {
  const version = required(message, 'model_version');
  return {
    name: required(version.name, 'model_version.name'),
    version: Number(required(version.version, 'model_version.version')),
    status: version.status,
    statusMessage: textOrUndefined(version.status_message),
    source: version.source ?? '',
    runId: textOrUndefined(version.run_id),
    // An SQL-backed server leaves `model_id` out; the source holds it.
    modelId: textOrUndefined(version.model_id) ?? loggedModelSource.exec(version.source ?? '')?.[1],
    description: textOrUndefined(version.description),
    tags: recordOf(version.tags),
    aliases: version.aliases ?? [],
    creationTime: version.creation_timestamp ?? 0,
  };
}
