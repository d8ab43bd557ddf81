/** From the text of a pipeline file to a checked specification. No file is touched. */
import { z } from 'zod';
import { schemaProblems, valueAt, type PathStep, type Problem } from '../../contracts/file-problems';
import {
  parameterSchema,
  pipelineFileSchema,
  type Parameter,
  type PipelineSpec,
} from '../../contracts/pipeline-file';
import { checkPipeline, type CheckContext } from '../../contracts/pipeline-file/checks';
import { expandCandidates } from '../../contracts/pipeline-file/matrix';
import { fillTemplates, resolveParameters } from '../../contracts/pipeline-file/parameters';
import { readYaml, type YamlTree } from './yaml-tree';

const CODE = 'PIPELINE_FILE_INVALID';

/** What came of reading a pipeline file. */
export interface PipelineReading {
  /** Parameters filled in and defaults applied, candidates as written; absent when the file is not valid so far. */
  readonly written?: PipelineSpec;
  /** The same with the matrix expanded. */
  readonly spec?: PipelineSpec;
  /** Empty when the pipeline can run. */
  readonly problems: readonly Problem[];
  readonly locate: YamlTree['locate'];
}

/** Reads a pipeline file with the parameters of a run, and finds everything that is wrong with it in one go. */
export function readPipeline(
  text: string,
  given: Readonly<Record<string, unknown>>,
  environment: Pick<CheckContext, 'channels' | 'modelPrefix' | 'pools' | 'hasCluster'>,
  nominalDate?: string,
): PipelineReading {
  const tree = readYaml(text, CODE);
  if (tree.problems.length > 0) return { problems: tree.problems, locate: tree.locate };
  const declared = declaredParameters(tree.value);
  const resolved = resolveParameters(declared, given, nominalDate);
  const filled = fillTemplates(tree.value, Object.keys(declared), resolved.values);
  const problems = [...resolved.problems, ...filled.problems];

  const parsed = pipelineFileSchema.safeParse(filled.tree);
  if (!parsed.success) {
    const wrong = schemaProblems(pipelineFileSchema, filled.tree, parsed.error.issues, CODE);
    return { problems: [...problems, ...withoutUnfilled(wrong, filled.unfilled)], locate: tree.locate };
  }
  const written = parsed.data;
  const contradictions = checkPipeline(written, {
    ...environment,
    isWritten: (path) => valueAt(tree.value, path) !== undefined,
  });
  problems.push(...withoutUnfilled(contradictions, filled.unfilled));
  const expanded = expandCandidates(written.candidates);
  problems.push(...expanded.problems);
  return {
    written,
    ...(problems.length === 0 ? { spec: { ...written, candidates: expanded.candidates } } : {}),
    problems,
    locate: tree.locate,
  };
}

/** What a list shows of a file, as far as it can be read. */
export interface PipelineHeading {
  readonly apiVersion?: string;
  readonly name?: string;
  readonly description?: string;
  readonly owner?: string;
  readonly tags: readonly string[];
  readonly params: Readonly<Record<string, Parameter>>;
  /** Where the name stands. */
  readonly nameLine: number;
}

/** Reads the head of a file without checking the rest; undefined when it is no YAML mapping. */
export function readHeading(text: string): PipelineHeading | undefined {
  const tree = readYaml(text, CODE);
  if (tree.problems.length > 0 || typeof tree.value !== 'object' || tree.value === null) return undefined;
  const { apiVersion, name, description, owner, tags } = tree.value as Record<string, unknown>;
  const textOf = <Key extends string>(key: Key, value: unknown) =>
    (typeof value === 'string' ? { [key]: value } : {}) as Partial<Record<Key, string>>;
  return {
    ...textOf('apiVersion', apiVersion),
    ...textOf('name', name),
    ...textOf('description', description),
    ...textOf('owner', owner),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    params: declaredParameters(tree.value),
    nameLine: tree.locate(['name'], 'key').line,
  };
}

/** The parameters that are declared as they should be; what is wrong with the others the schema says. */
function declaredParameters(tree: unknown): Record<string, Parameter> {
  const section = valueAt(tree, ['params']);
  const members = z.record(z.string(), z.unknown()).safeParse(section);
  return Object.fromEntries(
    Object.entries(members.data ?? {}).flatMap(([name, declaration]) => {
      const parsed = parameterSchema.safeParse(declaration);
      return parsed.success ? [[name, parsed.data] as const] : [];
    }),
  );
}

/** Where a template has no value, the schema sees the template's own text: its complaint would mislead. */
function withoutUnfilled(
  problems: readonly Problem[],
  unfilled: readonly (readonly PathStep[])[],
): Problem[] {
  const places = new Set(unfilled.map((path) => JSON.stringify(path)));
  return problems.filter((problem) => !places.has(JSON.stringify(problem.path)));
}
