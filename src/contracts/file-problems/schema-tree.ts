/** Reads zod schemas as data: what keys they know, what a person would call them. */
import type { z } from 'zod';
import type { PathStep } from './problem';

type Schema = z.core.$ZodType;

/** What the walk needs of zod's own definitions (`_zod.def`), which are public and stable in zod 4. */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly valueType?: Schema;
  readonly element?: Schema;
  readonly items?: readonly Schema[];
  readonly options?: readonly Schema[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
  readonly discriminator?: string;
}

/** The schema below its wrappers (optional, default, prefault, transform). */
function unwrapped(schema: Schema): Schema {
  const definition = schema._zod.def as unknown as Definition;
  const inner = definition.type === 'pipe' ? definition.in : definition.innerType;
  return inner === undefined ? schema : unwrapped(inner);
}

/** The definition of a schema below its wrappers. */
export function definitionOf(schema: Schema): Definition {
  return unwrapped(schema)._zod.def;
}

/** The schemas that may rule the value at `path`; several where alternatives differ, none where nothing is known. */
export function schemasAt(schema: Schema, path: readonly PathStep[]): Schema[] {
  const [step, ...rest] = path;
  const definition = definitionOf(schema);
  if (step === undefined) return [schema];
  if (definition.type === 'union')
    return (definition.options ?? []).flatMap((option) => schemasAt(option, path));
  const next =
    typeof step === 'number'
      ? (definition.element ?? definition.items?.[step])
      : (definition.shape?.[step] ?? definition.valueType);
  return next === undefined ? [] : schemasAt(next, rest);
}

/** The keys that a mapping of this schema may have; empty where any are allowed. */
export function knownKeys(schema: Schema): string[] {
  const definition = definitionOf(schema);
  if (definition.type === 'union') return [...new Set((definition.options ?? []).flatMap(knownKeys))];
  return Object.keys(definition.shape ?? {});
}

/** What a person would call a value of this schema: `a text`, `one of a, b`, `a list`, `a mapping with …`. */
export function describeSchema(schema: Schema): string {
  const definition = definitionOf(schema);
  switch (definition.type) {
    case 'string':
    case 'template_literal':
      return 'a text';
    case 'number':
    case 'int':
      return isWhole(unwrapped(schema)) ? 'a whole number' : 'a number';
    case 'boolean':
      return 'true or false';
    case 'enum':
      return listOf(Object.values(definition.entries ?? {}).map(String));
    case 'literal':
      return listOf((definition.values ?? []).map(String));
    case 'array':
    case 'tuple':
      return 'a list';
    case 'record':
      return 'a mapping';
    case 'object':
      return `a mapping with ${Object.entries(definition.shape ?? {})
        .map(([key, value]) => (isOptional(value) ? `${key}?` : key))
        .join(', ')}`;
    case 'union':
      return [...new Set((definition.options ?? []).map(describeSchema))].join(', or ');
    default:
      return 'another value';
  }
}

/** A value as a person sees it in the file. Texts are cut. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string')
    return `the text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return JSON.stringify(value);
}

function listOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : `one of ${values.join(', ')}`;
}

function isWhole(schema: Schema): boolean {
  return 'isInt' in schema && schema.isInt === true;
}

function isOptional(schema: Schema): boolean {
  return schema._zod.optin === 'optional';
}
