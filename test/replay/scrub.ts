/** A history as it may be kept: nothing in it tells of the machine that it was recorded on. */

/** Any value of JSON. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Replaces who worked and where, and leaves out stack traces: replay looks at neither. */
export function scrub(value: Json): Json {
  if (Array.isArray(value)) return value.map(scrub);
  if (value === null || typeof value !== 'object') return value;
  const sticky = value.kind === 'TASK_QUEUE_KIND_STICKY';
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'stackTrace' && key !== 'encodedAttributes')
      .map(([key, member]): [string, Json] => {
        if (key === 'identity') return [key, 'millrace-test'];
        if (key === 'name' && sticky) return [key, 'sticky'];
        return [key, scrub(member)];
      }),
  );
}

/** All payloads of a history, decoded; each as the text that was stored. */
export function payloadsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(payloadsOf);
  if (value === null || typeof value !== 'object') return [];
  const { metadata, data } = value as { metadata?: unknown; data?: unknown };
  if (metadata !== undefined && typeof data === 'string') return [Buffer.from(data, 'base64').toString()];
  return Object.values(value).flatMap(payloadsOf);
}
