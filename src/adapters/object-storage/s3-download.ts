/** Getting objects out of buckets into files. */
import type * as Sdk from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { ObjectAddress } from '../../ports/object-storage';
import { statusOf } from './s3-errors';

/** The SDK repeats a request that fails, but not one whose answer breaks off. */
const TRIES = 4;
const FIRST_PAUSE_MS = 200;

/** Streams an object into a file, which it makes or replaces, and returns digest and size of what was read. */
export async function fetchToFile(
  sdk: typeof Sdk,
  client: Sdk.S3Client,
  { bucket, key, etag }: ObjectAddress & { readonly etag?: string },
  file: string,
  signal?: AbortSignal,
): Promise<{ sha256: string; bytes: number }> {
  const request = new sdk.GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ...(etag !== undefined && { IfMatch: etag }),
  });
  for (let tries = 1; ; tries++) {
    try {
      const { Body, ContentLength } = await client.send(request, signal && { abortSignal: signal });
      if (!(Body instanceof Readable)) throw new Error('the answer has no body');
      const read = await writeDown(Body, file, signal);
      if (ContentLength === undefined || read.bytes === ContentLength) return read;
      throw new Error(`${String(read.bytes)} of ${String(ContentLength)} bytes came`);
    } catch (error) {
      // What the server answered was repeated by the SDK already, as far as that helps.
      if (tries >= TRIES || signal?.aborted || statusOf(error) !== undefined) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, signal && { signal });
    }
  }
}

async function writeDown(
  body: Readable,
  file: string,
  signal: AbortSignal | undefined,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(body, counted, createWriteStream(file), signal === undefined ? {} : { signal });
  return { sha256: hash.digest('hex'), bytes };
}
