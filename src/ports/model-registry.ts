/** One registered version. */
export interface RegisteredVersion {
  readonly model: string;
  readonly version: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
  /** Logged model it was made of, where there is one. */
  readonly modelId?: string;
  readonly runId?: string;
}

/** What a version is made of. */
export interface NewVersion {
  readonly model: string;
  /** Name of the version for repeats: with the same key there is one version, whatever is retried. */
  readonly key: string;
  /** Name of the tag that holds the key. */
  readonly keyTag: string;
  /** Logged model whose files the version names. */
  readonly modelId: string;
  readonly runId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Names, versions, tags and aliases of models. Errors: MLFLOW_UNAVAILABLE (retryable), MLFLOW_REFUSED, REGISTRY_CONFLICT. */
export interface ModelRegistry {
  /** Finds the version with this key or makes it; the model is made when it is not there. Tags are brought up to date. */
  register(version: NewVersion, signal?: AbortSignal): Promise<RegisteredVersion>;
  /** A version by its number, or undefined. */
  version(model: string, version: string, signal?: AbortSignal): Promise<RegisteredVersion | undefined>;
  /** The version that an alias points to, or undefined. */
  versionByAlias(model: string, alias: string, signal?: AbortSignal): Promise<RegisteredVersion | undefined>;
  /** Points an alias to a version, wherever it pointed before. */
  setAlias(model: string, alias: string, version: string, signal?: AbortSignal): Promise<void>;
  /** Takes an alias away, if it points to this version. */
  removeAlias(model: string, alias: string, version: string, signal?: AbortSignal): Promise<void>;
  /** Copies the files of a version's model into a local folder. */
  download(model: string, version: string, directory: string, signal?: AbortSignal): Promise<void>;
}
