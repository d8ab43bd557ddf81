/** Putting files into buckets. An object appears when its last byte has arrived, so one whose writer is killed never does. */
import type * as Sdk from '@aws-sdk/client-s3';
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import type { ObjectAddress } from '../../ports/object-storage';

/** Files up to this go in one request, from memory: the SDK can then repeat it. */
const PART_BYTES = 16 * 2 ** 20;
/** Fewer than S3's 10,000. */
const MOST_PARTS = 9000;

/** Metadata of an object: the digest, in hexadecimal, of what was put there. */
export const NOTED_DIGEST = 'millrace-sha256';

/** Puts the bytes of a file under a key, and notes their `sha256`, in hexadecimal; the server checks it where the file goes in one piece. */
export async function putFile(
  sdk: typeof Sdk,
  client: Sdk.S3Client,
  { bucket, key }: ObjectAddress,
  file: string,
  sha256: string,
): Promise<void> {
  const { size } = await stat(file);
  const Metadata = { [NOTED_DIGEST]: sha256 };
  if (size > PART_BYTES) return putInParts(sdk, client, { Bucket: bucket, Key: key, Metadata }, file, size);
  await client.send(
    new sdk.PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Metadata,
      Body: await readFile(file),
      ContentLength: size,
      ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
    }),
  );
}

async function putInParts(
  sdk: typeof Sdk,
  client: Sdk.S3Client,
  { Metadata, ...target }: { Bucket: string; Key: string; Metadata: Record<string, string> },
  file: string,
  size: number,
): Promise<void> {
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand({ ...target, Metadata }));
  const handle = await open(file, 'r');
  try {
    const partBytes = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS));
    const parts: { ETag: string | undefined; PartNumber: number }[] = [];
    for (let from = 0; from < size; from += partBytes) {
      const PartNumber = parts.length + 1;
      const Body = await readPart(handle, from, Math.min(partBytes, size - from));
      const { ETag } = await client.send(
        new sdk.UploadPartCommand({ ...target, UploadId, PartNumber, Body }),
      );
      parts.push({ ETag, PartNumber });
    }
    await client.send(
      new sdk.CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }),
    );
  } catch (error) {
    // Parts without an object cost space. Those of a killed process are left to the bucket's own rule for unfinished uploads.
    await client.send(new sdk.AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

async function readPart(handle: FileHandle, from: number, bytes: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(bytes);
  for (let filled = 0; filled < bytes;) {
    const { bytesRead } = await handle.read(part, filled, bytes - filled, from + filled);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    filled += bytesRead;
  }
  return part;
}
