import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { endpoints } from '../generated/endpoints';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';
import type { Transport } from '../transport/transport';
import { required } from '../wire/required';
import { proxyRoot } from './location';
import { checkArtifactName, checkArtifactPath, encodeArtifactPath } from './paths';

/** A file or a folder in a listing. */
export interface ArtifactEntry {
  /** The last part of its path, checked. */
  readonly name: string;
  readonly isFolder: boolean;
  /** Missing for folders. */
  readonly sizeBytes: number | undefined;
}

/** Moves bytes through the server's artifact proxy. Paths count from the proxy's root and are checked here. */
export type ArtifactProxy = ReturnType<typeof createArtifactProxy>;

/** Builds {@link ArtifactProxy}. */
export function createArtifactProxy(transport: Transport, call: Call) {
  const addressOf = (path: string): string => `${proxyRoot}/${encodeArtifactPath(checkArtifactPath(path))}`;

  return {
    /** What lies directly in a folder, by name. Empty for a folder that does not exist, and for a file. */
    async list(path: string, options?: CallOptions): Promise<ArtifactEntry[]> {
      const { files } = await call(
        endpoints.proxiedListArtifacts,
        { path: checkArtifactPath(path) },
        options,
      );
      return (files ?? []).map((file) => ({
        name: checkArtifactName(required(file.path, 'file.path')),
        isFolder: file.is_dir ?? false,
        sizeBytes: file.is_dir === true ? undefined : (file.file_size ?? 0),
      }));
    },

    /** Writes an artifact out of memory, over what was there. */
    async put(path: string, bytes: Uint8Array<ArrayBuffer>, options?: CallOptions): Promise<void> {
      await transport.send(
        { method: 'PUT', path: addressOf(path), body: bytes, headers: contentHeaders, transfer: true },
        drain,
        options,
      );
    },

    /** Streams a file to an artifact, over what was there; the size in bytes is the answer. */
    async upload(path: string, file: string, options?: CallOptions): Promise<number> {
      const address = addressOf(path);
      const { size } = await stat(file);
      const stream = createReadStream(file);
      try {
        await transport.send(
          {
            method: 'PUT',
            path: address,
            body: Readable.toWeb(stream) as globalThis.ReadableStream,
            // Without a length the body would be sent in chunks, which WSGI servers may read as empty.
            headers: { ...contentHeaders, 'content-length': String(size) },
            transfer: true,
          },
          drain,
          options,
        );
      } finally {
        stream.destroy();
      }
      return size;
    },

    /** Reads an artifact into memory. */
    async get(path: string, options?: CallOptions): Promise<Uint8Array<ArrayBuffer>> {
      return transport.send(
        { method: 'GET', path: addressOf(path), transfer: true },
        async (response) => new Uint8Array(await response.arrayBuffer()),
        options,
      );
    },

    /** Streams an artifact to a file, which appears complete or not at all. Its folder must exist. */
    async download(path: string, file: string, options?: CallOptions): Promise<void> {
      const partial = `${file}.partial-${randomUUID()}`;
      try {
        await transport.send(
          { method: 'GET', path: addressOf(path), transfer: true },
          async (response) => {
            const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
            await pipeline(body, createWriteStream(partial, { flags: 'wx' }));
          },
          options,
        );
        await rename(partial, file);
      } finally {
        await rm(partial, { force: true });
      }
    },
  };
}

const contentHeaders = { 'content-type': 'application/octet-stream' } as const;

/** Reads an answer to its end, so that the connection can be used again. */
async function drain(response: Response): Promise<void> {
  await response.arrayBuffer();
}
