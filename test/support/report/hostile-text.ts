/** Texts that would do harm on a page that does not escape them, in every place where people or data choose the text. */
import type { WriteReportInput } from '../../../src/contracts/steps';

/** Breaks out of attributes, elements, titles and style sheets; asks for an address outside; turns the direction of writing. */
export const HOSTILE =
  `"'></title></style></textarea><script>document.title='owned';fetch('http://127.0.0.1:9/stolen')</script>` +
  `<img src="http://127.0.0.1:9/pixel" onerror="document.title='owned'">&lt;\u202Eexe\u0000 {{x}} ${'w'.repeat(300)}`;

/** Keys of the documents whose values are free text. */
const FREE = new Set([
  ...['name', 'value', 'row', 'column', 'expected', 'observed', 'feature', 'text', 'note', 'message', 'path'],
  ...['candidate', 'winner', 'trainer', 'mend', 'where', 'pipeline', 'workflowId', 'description', 'owner'],
  ...['endpoint', 'version', 'url', 'notComparable', 'code', 'label'],
]);

/** A document with {@link HOSTILE} behind every free text, and as a name among the keys of slices. */
export function hostile<Document>(document: Document): Document {
  return JSON.parse(
    JSON.stringify(document, (key, value: unknown) => {
      if (typeof value === 'string') return FREE.has(key) ? `${value}${HOSTILE}` : value;
      if ((key === 'classes' || key === 'select') && Array.isArray(value))
        return value.map((name: unknown) => (typeof name === 'string' ? `${name}${HOSTILE}` : name));
      if (key === 'slices' || key === 'business' || key === 'derive') return renamed(value);
      return value;
    }),
  ) as Document;
}

/** A run in which all that is free is hostile; its artifacts must have been disguised by {@link hostile}. */
export function hostileRun(input: WriteReportInput): WriteReportInput {
  const { artifacts, ...rest } = input;
  const { status, ...others } = hostile(rest);
  return {
    ...others,
    status: {
      ...status,
      reasons: status.reasons.map((reason) => `${reason}${HOSTILE}`),
      error: { code: 'NO_SUCH', message: HOSTILE, where: HOSTILE, mend: HOSTILE },
      mlflow: { experimentId: '1', runId: HOSTILE, url: `javascript:document.title='owned'` },
    },
    artifacts: { ...artifacts, evaluations: renamed(artifacts.evaluations) },
  };
}

function renamed<Value>(record: Value): Value {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record;
  return Object.fromEntries(
    Object.entries(record as Record<string, unknown>).map(([name, value]) => [`${name}${HOSTILE}`, value]),
  ) as Value;
}
