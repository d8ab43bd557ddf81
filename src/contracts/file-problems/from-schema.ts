/** Turns what zod says about a value into sentences for the person who wrote the file. */
import type { z } from 'zod';
import type { ErrorCode } from '../errors';
import { didYouMean } from './nearest';
import type { PathStep, Problem } from './problem';
import { definitionOf, describeSchema, describeValue, knownKeys, schemasAt } from './schema-tree';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

interface Subject {
  readonly schema: Schema;
  readonly value: unknown;
  readonly base: readonly PathStep[];
  readonly code: ErrorCode;
}

/** Every problem of `value` with `schema`, in the order of the schema. An unnamed error in zod becomes a problem of `code`. */
export function schemaProblems(
  schema: Schema,
  value: unknown,
  issues: readonly Issue[],
  code: ErrorCode,
): Problem[] {
  return fromIssues({ schema, value, base: [], code }, issues);
}

function fromIssues(subject: Subject, issues: readonly Issue[]): Problem[] {
  return issues.flatMap((issue) => fromIssue(subject, issue));
}

function fromIssue(subject: Subject, issue: Issue): Problem[] {
  const relative = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const path = [...subject.base, ...relative];
  const value = valueAt(subject.value, relative);
  const found = isSecret(path) ? 'something else' : describeValue(value);
  const problem = (message: string, at: Problem['at'] = 'value'): Problem[] => [
    { path, at, code: subject.code, message },
  ];
  const schemas = schemasAt(subject.schema, relative);
  const expected = schemas.map(describeSchema).join(', or ');

  if (issue.code === 'unrecognized_keys') {
    const known = [...new Set(schemas.flatMap(knownKeys))];
    return issue.keys.map((key) => ({
      path: [...path, key],
      at: 'key',
      code: subject.code,
      message: `unknown key${didYouMean(key, known)}`,
    }));
  }
  if (value === undefined) return problem(`is missing${expected === '' ? '' : `: expected ${expected}`}`);
  switch (issue.code) {
    case 'invalid_union':
      return fromUnion(subject, issue, path, value, schemas[0]);
    case 'invalid_key':
      return problem(issue.issues.map((inner) => inner.message).join('; '), 'key');
    case 'invalid_value':
      return problem(oneOf(value, issue.values.map(String)));
    case 'invalid_type':
      return problem(
        `expected ${issue.expected === 'int' ? 'a whole number' : expected || issue.expected}, found ${found}`,
      );
    case 'too_small':
      return problem(
        size(issue.origin, `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`, value),
      );
    case 'too_big':
      return problem(
        size(issue.origin, `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`, value),
      );
    default:
      return problem(typeof value === 'object' ? issue.message : `${issue.message} (found ${found})`);
  }
}

/** Reports the alternative that the writer most likely meant, and only that one. */
function fromUnion(
  subject: Subject,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: readonly PathStep[],
  value: unknown,
  schema: Schema | undefined,
): Problem[] {
  const alternatives = issue.errors as readonly (readonly Issue[])[];
  const options = schema === undefined ? [] : (definitionOf(schema).options ?? []);
  const whole = (message: string): Problem[] => [{ path, at: 'value', code: subject.code, message }];
  if (issue.discriminator !== undefined || alternatives.length === 0) {
    const known = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
    return whole(oneOf(value, known));
  }
  const values = alternatives
    .flat()
    .flatMap((inner) => (inner.code === 'invalid_value' && inner.path.length === 0 ? inner.values : []))
    .map(String);
  if (typeof value === 'string' && values.length > 0) return whole(oneOf(value, values));
  const fitting = alternatives
    .map((issues, index) => ({ issues, option: options[index] }))
    .filter(({ issues }) => !issues.some((inner) => inner.path.length === 0 && isOtherKind(inner)))
    .map((alternative) => ({ ...alternative, strangeness: strangeness(alternative.issues) }))
    .sort((a, b) => a.strangeness - b.strangeness);
  const [meant] = fitting;
  if (meant?.option === undefined)
    return whole(
      `expected ${schema === undefined ? 'another value' : describeSchema(schema)}, found ${describeValue(value)}`,
    );
  const shapes = options.filter((option) => definitionOf(option).type === 'object');
  if (
    isMapping(value) &&
    shapes.length > 1 &&
    !Object.keys(value).some((key) => knownKeys(meant.option as Schema).includes(key))
  )
    return whole(
      `the keys ${Object.keys(value).join(', ')} fit none of the ways to write this${didYouMean(Object.keys(value)[0] ?? '', shapes.flatMap(knownKeys))}; expected ${shapes.map(describeSchema).join(', or ')}`,
    );
  return fromIssues({ ...subject, schema: meant.option, value, base: path }, meant.issues);
}

/** What stands there may be a secret in the wrong place: it must not go into logs and histories. */
function isSecret(path: readonly PathStep[]): boolean {
  return path.some((step) => /password|token|secret|credential/i.test(String(step)));
}

/** Whether the value is of another kind altogether than this alternative. */
function isOtherKind(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

/** Missing and unknown keys tell alternatives apart; a wrong value inside one does not. */
function strangeness(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + 2 * issue.keys.length;
    return sum + (issue.code === 'invalid_type' ? 2 : 1);
  }, 0);
}

function oneOf(value: unknown, known: readonly string[]): string {
  const hint = typeof value === 'string' ? didYouMean(value, known) : '';
  const list = known.length === 1 ? (known[0] ?? '') : `one of ${known.join(', ')}`;
  return `expected ${list}, found ${describeValue(value)}${hint.startsWith('; did') ? hint : ''}`;
}

function size(origin: string, bound: string, value: unknown): string {
  if (origin === 'number' || origin === 'int') return `must be ${bound}, found ${describeValue(value)}`;
  if (origin === 'string') return `must have ${bound} characters, found ${describeValue(value)}`;
  return `must have ${bound} entries`;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of plain data, or undefined. */
export function valueAt(value: unknown, path: readonly PathStep[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<PathStep, unknown>)[step];
  }
  return current;
}
