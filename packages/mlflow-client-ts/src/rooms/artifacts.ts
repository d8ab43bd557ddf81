import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesBelow } from '../artifacts/folder';
import { proxiedPathOf } from '../artifacts/location';
import { checkArtifactPath, joinArtifactPath } from '../artifacts/paths';
import { createArtifactProxy } from '../artifacts/proxy';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';
import type { Transport } from '../transport/transport';
import type { LoggedModels } from './logged-models';
import type { ModelVersions } from './model-versions';
import type { Runs } from './runs';

/**
 * Artifacts of runs, logged models and model versions, through the server's proxy (`mlflow-artifacts:`). Every method throws
 * `MlflowError`, and the file system's own errors for local files.
 */
export type Artifacts = ReturnType<typeof createArtifacts>;

/** Whose artifacts. Paths count from the owner's artifact folder. */
export type ArtifactOwner =
  | { readonly runId: string }
  | { readonly modelId: string }
  | { readonly modelName: string; readonly version: number };

/** A file or a folder, with its whole path below the owner. */
export interface Artifact {
  readonly path: string;
  readonly isFolder: boolean;
  /** Missing for folders. */
  readonly sizeBytes: number | undefined;
}

/** What a transfer of a folder moved. */
export interface FolderTransfer {
  /** Paths relative to the folder, sorted by folder. */
  readonly files: readonly string[];
}

/** The rooms that know where artifacts lie. */
export interface ArtifactOwners {
  readonly runs: Pick<Runs, 'get'>;
  readonly loggedModels: Pick<LoggedModels, 'get'>;
  readonly modelVersions: Pick<ModelVersions, 'artifactUri'>;
}

/** Builds {@link Artifacts}. */
export function createArtifacts(transport: Transport, call: Call, owners: ArtifactOwners) {
  const proxy = createArtifactProxy(transport, call);

  /** The owner's folder, as a path behind the proxy. */
  const rootOf = async (owner: ArtifactOwner, options?: CallOptions): Promise<string> => {
    if ('runId' in owner) {
      return proxiedPathOf((await owners.runs.get(owner.runId, options)).artifactUri, transport.base);
    }
    if ('modelId' in owner) {
      return proxiedPathOf(
        (await owners.loggedModels.get(owner.modelId, options)).artifactUri,
        transport.base,
      );
    }
    return proxiedPathOf(
      await owners.modelVersions.artifactUri(owner.modelName, owner.version, options),
      transport.base,
    );
  };

  const below = async function* (
    root: string,
    folder: string,
    options?: CallOptions,
  ): AsyncGenerator<Artifact> {
    for (const entry of await proxy.list(folder === '' ? root : `${root}/${folder}`, options)) {
      const path = joinArtifactPath(folder, entry.name);
      yield { path, isFolder: entry.isFolder, sizeBytes: entry.sizeBytes };
      if (entry.isFolder) yield* below(root, path, options);
    }
  };

  return {
    /** What lies directly in a folder (the owner's own unless a path is given). Empty when there is no such folder. */
    async list(owner: ArtifactOwner, path = '', options?: CallOptions): Promise<Artifact[]> {
      const folder = path === '' ? '' : checkArtifactPath(path);
      const root = await rootOf(owner, options);
      const entries = await proxy.list(folder === '' ? root : `${root}/${folder}`, options);
      return entries.map(({ name, isFolder, sizeBytes }) => ({
        path: joinArtifactPath(folder, name),
        isFolder,
        sizeBytes,
      }));
    },

    /** Everything below a folder, folders before what is in them; one request a folder. */
    async *walk(
      owner: ArtifactOwner,
      path = '',
      options?: CallOptions,
    ): AsyncGenerator<Artifact, void, undefined> {
      const folder = path === '' ? '' : checkArtifactPath(path);
      yield* below(await rootOf(owner, options), folder, options);
    },

    /** Writes text or bytes out of memory to `path`, over what was there. */
    async write(
      owner: ArtifactOwner,
      path: string,
      content: string | Uint8Array<ArrayBuffer>,
      options?: CallOptions,
    ): Promise<void> {
      checkArtifactPath(path);
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      await proxy.put(`${await rootOf(owner, options)}/${path}`, bytes, options);
    },

    /** Reads an artifact into memory. @throws MlflowError for which `isNotFound` is true when there is none. */
    async read(owner: ArtifactOwner, path: string, options?: CallOptions): Promise<Uint8Array<ArrayBuffer>> {
      checkArtifactPath(path);
      return proxy.get(`${await rootOf(owner, options)}/${path}`, options);
    },

    /** Streams a local file to `path`, over what was there; its size in bytes is the answer. */
    async uploadFile(
      owner: ArtifactOwner,
      file: string,
      path: string,
      options?: CallOptions,
    ): Promise<number> {
      checkArtifactPath(path);
      return proxy.upload(`${await rootOf(owner, options)}/${path}`, file, options);
    },

    /**
     * Uploads all files below a local folder, one after the other in order of name, below `path` (the owner's own folder
     * unless given). All names are checked before the first byte is sent. Repeating it after a failure writes the same again.
     */
    async uploadFolder(
      owner: ArtifactOwner,
      folder: string,
      path = '',
      options?: CallOptions,
    ): Promise<FolderTransfer> {
      if (path !== '') checkArtifactPath(path);
      const files = await filesBelow(folder);
      const targets = files.map((file) => checkArtifactPath(joinArtifactPath(path, file)));
      const root = await rootOf(owner, options);
      for (const [index, file] of files.entries()) {
        await proxy.upload(`${root}/${targets[index] ?? file}`, join(folder, file), options);
      }
      return { files };
    },

    /** Streams an artifact to a local file, which appears complete or not at all. Missing folders are made. */
    async downloadFile(
      owner: ArtifactOwner,
      path: string,
      file: string,
      options?: CallOptions,
    ): Promise<void> {
      checkArtifactPath(path);
      const root = await rootOf(owner, options);
      await mkdir(dirname(file), { recursive: true });
      await proxy.download(`${root}/${path}`, file, options);
    },

    /**
     * Downloads everything below `path` (the owner's own folder unless given) into a local folder, which is made. A name that
     * would lead out of it is refused. Files already there are overwritten, others left alone.
     */
    async downloadFolder(
      owner: ArtifactOwner,
      folder: string,
      path = '',
      options?: CallOptions,
    ): Promise<FolderTransfer> {
      const start = path === '' ? '' : `/${checkArtifactPath(path)}`;
      const root = `${await rootOf(owner, options)}${start}`;
      await mkdir(folder, { recursive: true });
      const files: string[] = [];
      for await (const artifact of below(root, '', options)) {
        const target = join(folder, artifact.path);
        if (artifact.isFolder) await mkdir(target, { recursive: true });
        else {
          await proxy.download(`${root}/${artifact.path}`, target, options);
          files.push(artifact.path);
        }
      }
      return { files };
    },
  };
}
