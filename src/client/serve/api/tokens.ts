/** Who may do what by HTTP: bearer tokens with scopes, kept in a file or a variable that millrace.yaml names. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { MillraceError } from '../../../contracts/errors';
import { slug } from '../../../contracts/pipeline-file';

/** What a token may do. */
export const SCOPES = ['runs:start', 'runs:read', 'runs:cancel', 'runs:approve'] as const;
export type Scope = (typeof SCOPES)[number];

/** Shorter ones can be guessed. */
const LEAST_TOKEN_LENGTH = 24;

const tokenSchema = z
  .strictObject({
    /** Name of who has it: a run tells it as its starter, an approval as its person. */
    name: z.string().min(1).max(100),
    token: z.string().min(LEAST_TOKEN_LENGTH).optional(),
    /** Instead of the token itself, its SHA-256 in hexadecimal: `printf %s "$TOKEN" | sha256sum`. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    scopes: z.array(z.enum(SCOPES)).min(1),
    /** Pipelines that it is for; all unless given. */
    pipelines: z.array(slug).min(1).optional(),
  })
  .refine(
    ({ token, sha256 }) => (token === undefined) !== (sha256 === undefined),
    'give one of token, sha256',
  );
const tokensSchema = z.strictObject({ tokens: z.array(tokenSchema).min(1).max(1000) });

/** Who calls. */
export interface Caller {
  readonly name: string;
  may(scope: Scope, pipeline?: string): boolean;
}

/** Finds who a token belongs to. */
export type TokenBook = (token: string) => Caller | undefined;

/** Reads the text that `api.tokens` refers to. @throws PROJECT_FILE_INVALID, which names no value. */
export function readTokens(text: string): TokenBook {
  let parsed: z.infer<typeof tokensSchema>;
  try {
    parsed = tokensSchema.parse(JSON.parse(text));
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
        : 'it is not JSON';
    throw new MillraceError('PROJECT_FILE_INVALID', `The tokens of the API cannot be read: ${why}.`, {
      where: 'api.tokens',
      mend: 'write {"tokens": [{"name": "ci", "sha256": "…", "scopes": ["runs:start"]}]}',
    });
  }
  const entries = parsed.tokens.map(({ name, token, sha256, scopes, pipelines }) => ({
    digest: token === undefined ? Buffer.from(sha256 ?? '', 'hex') : digestOfToken(token),
    caller: {
      name,
      // A token that is for some pipelines only may not ask about all of them.
      may: (scope: Scope, pipeline?: string) =>
        scopes.includes(scope) &&
        (pipelines === undefined || (pipeline !== undefined && pipelines.includes(pipeline))),
    },
  }));
  return (token) => {
    const digest = digestOfToken(token);
    // All are compared, and each in constant time: the answer's time tells nothing about them.
    let found: Caller | undefined;
    for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) found = entry.caller;
    return found;
  };
}

function digestOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
