/** Parameters of a pipeline: `{{ params.NAME }}` in any text of the file, with values that have the declared type. Pure. */
import { didYouMean, type PathStep, type Problem } from '../file-problems';
import type { Parameter } from './index';

/** A value of a parameter; a date is a text `YYYY-MM-DD`. */
export type ParameterValue = string | number | boolean;

/** Longest text that a parameter may carry, in characters: a parameter is a setting, not data. */
export const LONGEST_PARAMETER = 10_000;

/** The parameter that a run's nominal date fills, where it is declared as a date. */
const NOMINAL_PARAMETER = 'date';

/**
 * The values of all declared parameters: what the run gives, else the default. Texts from a command line are read as the declared type.
 * A date named `date` that the run does not give is the day of `nominalDate` as that is written, before any default.
 * Problems have the code PIPELINE_PARAMETER_INVALID when the run is at fault and PIPELINE_FILE_INVALID when a default is.
 */
export function resolveParameters(
  declared: Readonly<Record<string, Parameter>>,
  asked: Readonly<Record<string, unknown>>,
  nominalDate?: string,
): { values: Record<string, ParameterValue>; problems: Problem[] } {
  const dated =
    nominalDate !== undefined &&
    declared[NOMINAL_PARAMETER]?.type === 'date' &&
    asked[NOMINAL_PARAMETER] === undefined;
  const given = dated ? { ...asked, [NOMINAL_PARAMETER]: nominalDate.slice(0, 10) } : asked;
  const problems: Problem[] = [];
  const values: Record<string, ParameterValue> = {};
  const names = Object.keys(declared);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declared, name))
      problems.push({
        path: ['params'],
        at: 'key',
        code: 'PIPELINE_PARAMETER_INVALID',
        message: `the run gives ${name}, which the pipeline does not declare${names.length === 0 ? '; it declares no parameters' : didYouMean(name, names)}`,
      });
  }
  for (const [name, parameter] of Object.entries(declared)) {
    const isGiven = Object.hasOwn(given, name) && given[name] !== undefined;
    const value = isGiven ? given[name] : parameter.default;
    if (value === undefined) {
      problems.push({
        path: ['params', name],
        at: 'key',
        code: 'PIPELINE_PARAMETER_INVALID',
        message: `${name} has no default and the run gives none; add --param ${name}=${EXAMPLES[parameter.type]}`,
      });
      continue;
    }
    const read = readAs(parameter.type, value, isGiven);
    if ('value' in read) values[name] = read.value;
    else
      problems.push({
        path: isGiven ? ['params', name] : ['params', name, 'default'],
        at: isGiven ? 'key' : 'value',
        code: isGiven ? 'PIPELINE_PARAMETER_INVALID' : 'PIPELINE_FILE_INVALID',
        message: `${isGiven ? `the run's ${name}` : 'the default'} ${read.problem}, found ${JSON.stringify(value).slice(0, 80)}`,
      });
  }
  return { values, problems };
}

const EXAMPLES: Readonly<Record<Parameter['type'], string>> = {
  string: 'TEXT',
  integer: '1',
  number: '0.5',
  boolean: 'true',
  date: 'YYYY-MM-DD',
};

/** `fromText`: a command line knows texts only, so `8` counts as the integer 8; in the file a text is a text. */
function readAs(
  type: Parameter['type'],
  value: unknown,
  fromText: boolean,
): { value: ParameterValue } | { problem: string } {
  const text = fromText && typeof value === 'string' ? value.trim() : undefined;
  switch (type) {
    case 'integer': {
      const number = text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : value;
      return typeof number === 'number' && Number.isSafeInteger(number)
        ? { value: number }
        : { problem: 'must be a whole number' };
    }
    case 'number': {
      const written = text !== undefined && /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text);
      const number = written ? Number(text) : value;
      return typeof number === 'number' && Number.isFinite(number)
        ? { value: number }
        : { problem: 'must be a number' };
    }
    case 'boolean': {
      const truth = text === 'true' ? true : text === 'false' ? false : value;
      return typeof truth === 'boolean' ? { value: truth } : { problem: 'must be true or false' };
    }
    case 'date': {
      const date = text ?? value;
      return typeof date === 'string' && isCalendarDate(date)
        ? { value: date }
        : { problem: 'must be a date written YYYY-MM-DD' };
    }
    case 'string':
      if (typeof value !== 'string') return { problem: 'must be a text' };
      return value.length <= LONGEST_PARAMETER
        ? { value }
        : { problem: `must have at most ${LONGEST_PARAMETER} characters` };
  }
}

/** Whether `text` is a day of the calendar: 2024-02-30 is not. */
function isCalendarDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** A tree of the file with its templates filled in. */
export interface Filled {
  readonly tree: unknown;
  readonly problems: Problem[];
  /** Places whose templates have no value: what a schema says about them means nothing. */
  readonly unfilled: readonly (readonly PathStep[])[];
}

/**
 * Fills the templates of a plain tree. A text that is one template whole takes the typed value; inside a longer text the value is written
 * out. Values are put in after the file was parsed, so that none can add a key, an entry or another template.
 */
export function fillTemplates(
  tree: unknown,
  declared: readonly string[],
  values: Readonly<Record<string, ParameterValue>>,
): Filled {
  const problems: Problem[] = [];
  const unfilled: PathStep[][] = [];
  const fill = (node: unknown, path: PathStep[]): unknown => {
    if (typeof node === 'string') return fillText(node, path, { declared, values, problems, unfilled });
    if (Array.isArray(node)) return node.map((item, index) => fill(item, [...path, index]));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, member]) => {
        const place = [...path, key];
        if (key.includes('{{'))
          problems.push(refuse(place, 'key', 'templates are filled into values, not into keys'));
        return [key, fill(member, place)];
      }),
    );
  };
  return { tree: fill(tree, []), problems, unfilled };
}

interface Filling {
  readonly declared: readonly string[];
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly problems: Problem[];
  readonly unfilled: PathStep[][];
}

/** Texts between braces stand at odd places of the split. */
const TEMPLATE = /\{\{([^{}]*)\}\}/;

function fillText(text: string, path: PathStep[], filling: Filling): ParameterValue {
  if (!text.includes('{{')) return text;
  const problem = (message: string): string => {
    filling.problems.push(refuse(path, 'value', message));
    filling.unfilled.push(path);
    return text;
  };
  if (path[0] === 'name' || path[0] === 'apiVersion' || path[0] === 'params')
    return problem(`a template cannot stand in ${path[0]}: it is read before parameters are known`);
  const parts = text.split(TEMPLATE);
  if (parts.some((part, index) => index % 2 === 0 && part.includes('{{')))
    return problem('a template opens with {{ and is not closed: write {{ params.NAME }}');
  const filled: ParameterValue[] = [];
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 0) {
      filled.push(part);
      continue;
    }
    const name = /^\s*params\.([A-Za-z_]\w*)\s*$/.exec(part)?.[1];
    if (name === undefined) return problem(`the template {{${part}}} is not known: write {{ params.NAME }}`);
    if (!filling.declared.includes(name))
      return problem(`params.${name} is not declared under params${didYouMean(name, filling.declared)}`);
    const value = Object.hasOwn(filling.values, name) ? filling.values[name] : undefined;
    // Said already, where the parameter is declared.
    if (value === undefined) {
      filling.unfilled.push(path);
      return text;
    }
    if (isSql(path) && typeof value === 'string' && !SAFE_IN_SQL.test(value))
      filling.problems.push({
        path,
        at: 'value',
        code: 'PIPELINE_PARAMETER_INVALID',
        message: `params.${name} goes into SQL and may have letters, digits, spaces and _ . : / @ + - only (and no --), found ${JSON.stringify(value).slice(0, 80)}`,
      });
    filled.push(value);
  }
  const [before, whole, after] = filled;
  if (filled.length === 3 && before === '' && after === '' && whole !== undefined) return whole;
  return filled.join('');
}

/** Nothing that ends a quoted text, opens a comment or starts another statement. */
const SAFE_IN_SQL = /^(?!.*--)[\p{L}\p{N} _.:/@+-]*$/u;

function isSql(path: readonly PathStep[]): boolean {
  const [section, key] = path;
  return (
    (section === 'dataset' && key === 'sql') ||
    (section === 'features' && key === 'derive') ||
    (section === 'evaluation' && key === 'business')
  );
}

function refuse(path: readonly PathStep[], at: Problem['at'], message: string): Problem {
  return { path, at, code: 'PIPELINE_FILE_INVALID', message };
}
