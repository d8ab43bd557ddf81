/** The activity `writeReport`: a page for people, the same figures for programs. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WriteReportInput, WriteReportOutput } from '../../contracts/steps';
import { writeReportInputSchema } from '../../contracts/steps';
import { digestOf } from '../../contracts/digest';
import { runCachedStep } from '../cached-step';
import { candidatesCsv } from './candidates-csv';
import type { ReportActivityDependencies } from './dependencies';
import { loadReportData } from './loading/load-report-data';
import { renderPage } from './page';
import { summarize } from './summary';

/** Files of the artifact of step report. */
const REPORT_FILES = {
  page: 'report.html',
  summary: 'summary.json',
  candidates: 'candidates.csv',
} as const;

/**
 * Writes the report of one run. A run that ended early has a shorter one; an artifact that is gone is named in it and fails nothing.
 * @throws what the store throws that a retry can help: an incomplete report must not become the report.
 */
export async function writeReport(
  { store, codeDigest, workflowUrl }: ReportActivityDependencies,
  rawInput: WriteReportInput,
): Promise<WriteReportOutput> {
  const input = writeReportInputSchema.parse(rawInput);
  const { artifact, stored } = await runCachedStep(store, {
    // A report belongs to one run: the same figures at another time are another report.
    identity: { step: 'report', code: codeDigest, params: { run: digestOf(input) }, inputs: {} },
    fresh: false,
    inputs: inputsOf(input),
    write: async (directory) => {
      const url = workflowUrl(input.status.workflowId, input.status.runId);
      const data = await loadReportData(store, input, url);
      const summary = summarize(data);
      await writeFile(path.join(directory, REPORT_FILES.page), renderPage(data));
      await writeFile(path.join(directory, REPORT_FILES.summary), `${JSON.stringify(summary, null, 2)}\n`);
      await writeFile(path.join(directory, REPORT_FILES.candidates), candidatesCsv(data));
      return { outcome: summary.outcome };
    },
  });
  return { artifact, path: path.join(stored.directory, REPORT_FILES.page) };
}

function inputsOf({ artifacts }: WriteReportInput): Record<string, string> {
  const { evaluations, ...others } = artifacts;
  return {
    ...Object.fromEntries(Object.entries(others).flatMap(([role, ref]) => (ref ? [[role, ref.digest]] : []))),
    ...Object.fromEntries(
      Object.entries(evaluations).map(([candidate, ref]) => [`evaluation:${candidate}`, ref.digest]),
    ),
  };
}
