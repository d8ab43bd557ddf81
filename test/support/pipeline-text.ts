/** Small pipeline files in pieces, and their problems as lines of text. */
import { readPipeline } from '../../src/adapters/project/pipeline-reader';

export const environment = { channels: ['console', 'file'], modelPrefix: '' };

export const HEAD = `apiVersion: millrace/v1
name: churn
`;
export const SOURCES = `sources: { customers: { uri: data/c.csv } }
`;
export const DATASET = `dataset: { key: id, label: churn, positive: "Yes" }
`;
export const CANDIDATES = `candidates: [{ name: a, trainer: xgboost }]
`;
export const REST = SOURCES + DATASET + CANDIDATES;

/** Each problem as `line:column path: message`. */
export function problemsOf(text: string, params: Record<string, unknown> = {}): string[] {
  const { problems, locate } = readPipeline(text, params, environment);
  return problems.map((problem) => {
    const { line, column } =
      'place' in problem
        ? (problem.place as { line: number; column: number })
        : locate(problem.path, problem.at);
    return `${line}:${column} ${problem.path.join('.')}: ${problem.message}`;
  });
}
