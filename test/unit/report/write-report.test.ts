/** Catches a report that a run cannot have: an artifact that is gone, a run that ended early, a repeat that writes another one. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fullRun } from '../../support/report/full-run';
import { ReportProject } from '../../support/report/run-project';

let project: ReportProject;
beforeAll(async () => void (project = await ReportProject.create()));
afterAll(() => project.remove());

test('a full run has a page, a table and a summary that agree', async () => {
  const { artifact, path } = await project.activities.writeReport(await fullRun(project));
  const page = await readFile(path, 'utf8');
  expect(artifact.step).toBe('report');
  expect(page).toContain('<h1>telco-churn</h1>');
  const summary: unknown = JSON.parse(await readFile(join(dirname(path), 'summary.json'), 'utf8'));
  expect(summary).toMatchObject({ outcome: 'deployed', split: { train: 4578 }, holdout: { timesGated: 14 } });
  const csv = await readFile(join(dirname(path), 'candidates.csv'), 'utf8');
  expect(csv.split('\n')[1]).toMatch(/^boosted,/);
});

test('the lineage names what started the run, as plain text', async () => {
  const run = await fullRun(project);
  const cause = {
    kind: 'kafka' as const,
    event: 'ml.training.requests[2]@17',
    reason: '<b>AUC fell</b>',
    upstream: ['features/schedule/2026'],
  };
  const status = { ...run.status, cause, nominalDate: '2026-11-20T02:00:00Z' };
  const { path } = await project.activities.writeReport({ ...run, status });
  const page = await readFile(path, 'utf8');
  expect(page).toContain('message ml.training.requests[2]@17: &lt;b&gt;AUC fell&lt;/b&gt;');
  expect(page).toContain('<code>features/schedule/2026</code>');
  expect(page).toContain('2026-11-20T02:00:00Z');
});
