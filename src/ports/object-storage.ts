/** Where an object lies. */
export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

/** One state of an object: other bytes are another state. */
export interface ObjectState extends ObjectAddress {
  /** What the server tells states apart by; not a digest that anybody could compute. */
  readonly etag: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly modifiedAt: string;
  /** Digest of its bytes, where whoever put it there noted it; a listing does not tell. */
  readonly sha256?: string;
}

/** `s3://bucket/key`, as files and people name it. */
export function objectUri({ bucket, key }: ObjectAddress): string {
  return `s3://${bucket}/${key}`;
}

/** What tells one state of an object from any other, without its address. */
export function objectStateKey({ etag, bytes, modifiedAt }: ObjectState): string {
  return [etag, bytes, modifiedAt].join(' ');
}

/**
 * What is read of buckets: sources, and what triggers see. Every method throws STORE_UNAVAILABLE, with bucket and key, when the server does not
 * answer or answers with an error of its own after some tries; the error is final where it refuses access.
 */
export interface ObjectSource {
  /** Objects whose key begins with `prefix`, in the order of their keys, however many. @throws SOURCE_NOT_FOUND when there is no such bucket. */
  list(bucket: string, prefix: string): AsyncIterable<ObjectState>;
  /** The object as it is now, or undefined. */
  head(address: ObjectAddress): Promise<ObjectState | undefined>;
  /**
   * Writes the bytes of an object to a new file, in just the state `etag` where that is given, and returns what was read.
   * @throws SOURCE_NOT_FOUND when it is gone, SOURCE_CHANGED when it is in another state.
   */
  fetchToFile(
    address: ObjectAddress & { readonly etag?: string },
    file: string,
    signal?: AbortSignal,
  ): Promise<{ readonly sha256: string; readonly bytes: number }>;
}

/** What was taken of an object into a store. */
export interface TakenObject {
  readonly sha256: string;
  readonly bytes: number;
}

/** A source that remembers what it has read, so that an object in a known state need not be fetched to learn its digest. */
export interface ObjectReader extends ObjectSource {
  /** What the object held in just this state, if that was read on this host before. */
  recall(object: ObjectState): Promise<TakenObject | undefined>;
  /** Notes what it holds; may be lost. */
  remember(object: ObjectState, taken: TakenObject): Promise<void>;
}

/** A whole object storage: what an artifact store needs beside reading. Keys appear whole or not at all. */
export interface ObjectStorage extends ObjectSource {
  /** Which server it is, as a URL: equal for equal servers. */
  readonly endpoint: string;
  /** A small text object, or undefined. @throws STORE_CORRUPT when it is larger than 16 MiB. */
  readText(address: ObjectAddress): Promise<string | undefined>;
  /** Puts the bytes of a file there, whatever was there. Their SHA-256 goes along, so that a server refuses what was damaged on the way, and is noted. */
  putFile(address: ObjectAddress, file: string, sha256: string): Promise<void>;
  putText(address: ObjectAddress, text: string): Promise<void>;
  /** Puts a text there unless there is an object already: of several writers one gets true. */
  createOnce(address: ObjectAddress, text: string): Promise<boolean>;
  /** Deletes an object, if there is one. */
  remove(address: ObjectAddress): Promise<void>;
}
