/** Object storage that speaks S3: AWS, or a server of one's own. */
import type * as Sdk from '@aws-sdk/client-s3';
import { MillraceError } from '../../contracts/errors';
import type { S3Connection } from '../../contracts/project-file';
import { objectUri, type ObjectAddress, type ObjectStorage } from '../../ports/object-storage';
import { readSecret } from '../project/secrets';
import { fetchToFile } from './s3-download';
import { statusOf, storageError } from './s3-errors';
import { NOTED_DIGEST, putFile } from './s3-upload';

/** Tries of a request that the server answered with 429 or 5xx, or that got no answer; with growing pauses some seconds in all. */
const TRIES = 5;
const CONNECT_MS = 5000;
/** Silence after which an answer counts as lost. */
const SILENCE_MS = 60_000;
const MOST_TEXT_BYTES = 16 * 2 ** 20;

/**
 * Opens object storage; nothing is asked of it yet. Key pairs are read from where the settings say, files relative to the project.
 * @throws PROJECT_FILE_INVALID when a secret is not there.
 */
export async function openS3(
  connection: S3Connection,
  { projectRoot }: { readonly projectRoot: string },
): Promise<ObjectStorage> {
  // Loaded here, since most projects have no bucket: it takes tens of megabytes.
  const sdk = await import('@aws-sdk/client-s3');
  const client = await createClient(sdk, connection, projectRoot);
  const attempt = async <T>(what: string, address: ObjectAddress, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw storageError(error, what, address);
    }
  };
  const put = async ({ bucket, key }: ObjectAddress, text: string, once: boolean): Promise<void> => {
    const condition = once ? { IfNoneMatch: '*' } : {};
    await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ...condition }));
  };
  return {
    endpoint: connection.endpoint?.replace(/\/+$/, '') ?? `https://s3.${connection.region}.amazonaws.com`,
    async *list(bucket, prefix) {
      const pages = sdk.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix });
      for (;;) {
        const page = await attempt('be listed', { bucket, key: prefix }, () => pages.next());
        if (page.done) return;
        for (const { Key, ETag, Size, LastModified } of page.value.Contents ?? [])
          if (Key !== undefined) yield stateOf({ bucket, key: Key }, { ETag, Size, LastModified });
      }
    },
    head: ({ bucket, key }) =>
      attempt('be looked at', { bucket, key }, async () => {
        const found = await orAbsent(client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key })));
        const noted = found?.Metadata?.[NOTED_DIGEST];
        return (
          found && {
            ...stateOf({ bucket, key }, { ...found, Size: found.ContentLength }),
            ...(noted !== undefined && { sha256: noted }),
          }
        );
      }),
    fetchToFile: (address, file, signal) =>
      attempt('be read', address, () => fetchToFile(sdk, client, address, file, signal)),
    readText: ({ bucket, key }) =>
      attempt('be read', { bucket, key }, async () => {
        const found = await orAbsent(client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key })));
        if ((found?.ContentLength ?? 0) > MOST_TEXT_BYTES) throw tooLarge({ bucket, key });
        return found?.Body?.transformToString('utf8');
      }),
    putFile: (address, file, sha256) =>
      attempt('be written', address, () => putFile(sdk, client, address, file, sha256)),
    putText: (address, text) => attempt('be written', address, () => put(address, text, false)),
    createOnce: (address, text) =>
      attempt('be written', address, async () => {
        try {
          await put(address, text, true);
          return true;
        } catch (error) {
          // 409: another such request was under way. Who cannot tell whether it won looks what is there.
          if (statusOf(error) === 412 || statusOf(error) === 409) return false;
          throw error;
        }
      }),
    remove: (address) =>
      attempt('be deleted', address, async () => {
        await orAbsent(
          client.send(new sdk.DeleteObjectCommand({ Bucket: address.bucket, Key: address.key })),
        );
      }),
  };
}

async function createClient(
  sdk: typeof Sdk,
  connection: S3Connection,
  projectRoot: string,
): Promise<Sdk.S3Client> {
  const { endpoint, region, accessKey, secretKey, pathStyle } = connection;
  if ((accessKey === undefined) !== (secretKey === undefined))
    throw new MillraceError('PROJECT_FILE_INVALID', 'S3 needs both of accessKey and secretKey, or neither.', {
      where: 'millrace.yaml',
      mend: 'Name both by env:NAME or file:PATH; with neither, the standard chain of the AWS SDK is asked.',
    });
  const keys =
    accessKey === undefined || secretKey === undefined
      ? undefined
      : {
          accessKeyId: await readSecret(accessKey, projectRoot),
          secretAccessKey: await readSecret(secretKey, projectRoot),
        };
  return new sdk.S3Client({
    region,
    forcePathStyle: pathStyle,
    maxAttempts: TRIES,
    // Silence on the socket ends it, also in the middle of a body; `requestTimeout` would only write a warning.
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
    // Servers of one's own may not know the newer checksums; content is checked by SHA-256 here.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== undefined && { endpoint }),
    ...(keys && { credentials: keys }),
  });
}

function stateOf(
  address: ObjectAddress,
  found: { ETag?: string | undefined; Size?: number | undefined; LastModified?: Date | undefined },
) {
  return {
    ...address,
    etag: found.ETag ?? '',
    bytes: found.Size ?? 0,
    modifiedAt: (found.LastModified ?? new Date(0)).toISOString(),
  };
}

/** An absent object is an answer; an absent bucket is not. */
async function orAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (statusOf(error) === 404 && !(error instanceof Error && error.name === 'NoSuchBucket'))
      return undefined;
    throw error;
  }
}

function tooLarge(address: ObjectAddress): MillraceError {
  return new MillraceError('STORE_CORRUPT', 'An object that should be small is larger than 16 MiB.', {
    where: objectUri(address),
    mend: 'Take away what is not of Millrace below the prefix of the store.',
  });
}
