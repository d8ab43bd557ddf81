/** JSON Schemas of the files that people write, for editors (`# yaml-language-server: $schema=…`), and of what others send. Committed under `schemas/`. */
import { z } from 'zod';
import { pipelineFileSchema } from '../contracts/pipeline-file';
import { projectFileSchema } from '../contracts/project-file';
import { trainingRequestSchema } from '../contracts/training-request';

type JsonSchema = Record<string, unknown>;

/** File name under `schemas/` → schema (draft-07, which every editor reads). Equal sources give equal schemas. */
export function editorSchemas(): Record<
  'pipeline.schema.json' | 'millrace.schema.json' | 'training-request.schema.json',
  JsonSchema
> {
  return {
    'pipeline.schema.json': {
      ...withTemplates(jsonSchemaOf(pipelineFileSchema)),
      title: 'Millrace pipeline',
    },
    'millrace.schema.json': { ...jsonSchemaOf(projectFileSchema), title: 'Millrace project' },
    'training-request.schema.json': {
      ...jsonSchemaOf(trainingRequestSchema),
      title: 'Millrace training request',
    },
  };
}

/** The text of a schema's file. */
export function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** What may be written, before defaults and conversions: `io: 'input'`. */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
}

const TEMPLATE: JsonSchema = {
  type: 'string',
  pattern: String.raw`\{\{\s*params\.[A-Za-z_]\w*\s*\}\}`,
  description: 'A parameter of the run.',
};

/** Where these stand no template is filled in. */
const WITHOUT_TEMPLATES = ['apiVersion', 'name', 'params'];

/** A number, a choice or a duration may be a template as well: an editor must not mark it as wrong. */
function withTemplates(file: JsonSchema): JsonSchema {
  const properties = Object.entries(file.properties as Record<string, JsonSchema>).map(
    ([key, member]) => [key, WITHOUT_TEMPLATES.includes(key) ? member : relaxed(member)] as const,
  );
  return { ...file, properties: Object.fromEntries(properties) };
}

function relaxed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(relaxed);
  if (typeof node !== 'object' || node === null) return node;
  const schema = node as JsonSchema;
  if (isNarrow(schema)) {
    const { description, default: standard, ...rest } = schema;
    return {
      ...(description === undefined ? {} : { description }),
      ...(standard === undefined ? {} : { default: standard }),
      anyOf: [rest, TEMPLATE],
    };
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, member]) => [
      key,
      CHILDREN.has(key) ? relaxedChild(key, member) : member,
    ]),
  );
}

/** Keywords below which schemas stand; what stands below the others (`default`, `required`, `propertyNames`) is left alone. */
const CHILDREN = new Set(['properties', 'additionalProperties', 'items', 'anyOf', 'oneOf', 'allOf']);

function relaxedChild(key: string, member: unknown): unknown {
  if (key !== 'properties') return relaxed(member);
  return Object.fromEntries(
    Object.entries(member as JsonSchema).map(([name, child]) => [name, relaxed(child)]),
  );
}

/** Whether a text with a template in it would be refused. */
function isNarrow(schema: JsonSchema): boolean {
  if (['number', 'integer', 'boolean'].includes(schema.type as string)) return true;
  return schema.type === 'string' && ['enum', 'pattern', 'const', 'maxLength'].some((key) => key in schema);
}
