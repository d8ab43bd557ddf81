/** Variables of a training container: plain ones, and those that name a Secret or a ConfigMap. */
import { z } from 'zod';
import { objectName } from './names';

/** A key of a Secret or a ConfigMap in the namespace of the jobs. */
const keyReferenceSchema = z.strictObject({
  name: objectName,
  key: z.string().regex(/^[-._A-Za-z0-9]{1,253}$/, 'use letters, digits, hyphens, dots and underscores'),
  optional: z.boolean().optional().describe('The job starts without it, too.'),
});
export type KeyReference = z.infer<typeof keyReferenceSchema>;

const variableSchema = z.union([
  z.string(),
  z.number().transform(String),
  z.boolean().transform(String),
  z.strictObject({ secretKeyRef: keyReferenceSchema }),
  z.strictObject({ configMapKeyRef: keyReferenceSchema }),
]);
/** A value, or where it stands in the cluster. */
export type JobVariable = z.infer<typeof variableSchema>;

/** The variable that tells a trainer its job directory. */
const OURS = 'MILLRACE_JOB_DIR';

/**
 * Whether a variable of this name holds a secret by all that its name says. What may not be written in plain text is told by it, so a name that only
 * sounds like one (`EOS_TOKEN`) must come from a ConfigMap.
 */
export function isSecretVariable(name: string): boolean {
  return /(^|_)(PASSWORD|PASSWD|TOKEN|SECRET|CREDENTIALS?|(API|ACCESS|PRIVATE|SECRET)_?KEY)$/i.test(name);
}

/** Name → value. What sounds like a secret is refused unless it is named by reference; the refusal never shows the value. */
export const jobEnvironmentSchema = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'use letters, digits and underscores'), variableSchema)
  .superRefine((variables, context) => {
    // Told of the mapping and not of the variable: a problem of a single value quotes it.
    const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
    for (const [name, value] of Object.entries(variables)) {
      if (name === OURS) refuse(`${OURS} is set by Millrace`);
      else if (typeof value === 'string' && (isSecretVariable(name) || holdsPassword(value)))
        refuse(
          `${name} holds a secret in plain text: name it by reference, ${name}: { secretKeyRef: { name: SECRET, key: KEY } }`,
        );
    }
  });

/** `scheme://user:password@host` */
export function holdsPassword(value: string): boolean {
  return /:\/\/[^/\s:@]*:[^/\s@]+@/.test(value);
}
