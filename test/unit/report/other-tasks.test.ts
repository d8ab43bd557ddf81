/** Catches a page that was made for yes and no: classes without a row of their own, a regression without its residuals, headings that do not apply. */
import { readFile } from 'node:fs/promises';
import type { WriteReportInput } from '../../../src/contracts/steps';
import { multiclassRun, regressionRun } from '../../support/report/other-tasks';
import { ReportProject } from '../../support/report/run-project';

let project: ReportProject;
beforeAll(async () => void (project = await ReportProject.create()));
afterAll(() => project.remove());

async function pageOf(run: WriteReportInput): Promise<string> {
  return readFile((await project.activities.writeReport(run)).path, 'utf8');
}
const headings = (page: string): string[] =>
  [...page.matchAll(/<h2[^>]*>([^<]+)/g)].map(([, heading]) => (heading ?? '').trim());

test('several classes: a matrix of all classes, figures for each, macro averages; no curves of a single score', async () => {
  const page = await pageOf(await multiclassRun(project));
  for (const name of ['barbera', 'barolo', 'grignolino']) expect(page).toContain(`said ${name}`);
  expect(page).toMatch(/F1 \(macro\)/);
  expect(headings(page)).toEqual(expect.arrayContaining(['Confusion matrices', 'Winner on the hold-out']));
  expect(headings(page)).not.toContain('Calibration');
  expect(page).not.toMatch(/NaN|undefined|\[object/);
});

test('a number: errors and residuals; no confusion and no curves', async () => {
  const page = await pageOf(await regressionRun(project));
  expect(page).toMatch(/RMSE/i);
  expect(headings(page)).toEqual(expect.arrayContaining(['How far predictions are off']));
  for (const heading of ['Confusion matrices', 'Calibration', 'Curves'])
    expect(headings(page)).not.toContain(heading);
  expect(page).not.toMatch(/NaN|undefined|\[object/);
});
