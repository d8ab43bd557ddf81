/**
 * Catches a report that nobody can read: wider than a phone, dark ink on dark paper, a script or an address that it needs, figures other than
 * the measured ones, data that becomes markup, an outcome that has to be searched for. In a real Chromium; without one it fails.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReportSummary } from '../../../src/activities/report/summary';
import { describeMetric } from '../../../src/contracts/metrics';
import type { Interval, WriteReportInput } from '../../../src/contracts/steps';
import { Browser } from '../../support/report/browser';
import type { BrowserPage } from '../../support/report/browser-page';
import { BROKEN_RULE, failedRun, rejectedRun } from '../../support/report/ended-runs';
import { fullRun } from '../../support/report/full-run';
import { hostile, HOSTILE, hostileRun } from '../../support/report/hostile-text';
import { FAINT_TEXTS, LOST_ANCHORS, OVERFLOW, tableIn, UNNAMED } from '../../support/report/page-readings';
import { ReportProject } from '../../support/report/run-project';

const SECTIONS = [
  ...['candidates', 'gate', 'holdout', 'curves', 'calibration', 'confusion', 'slices'],
  ...['data', 'quality', 'leakage', 'lineage', 'timeline'],
];
const DESK = { width: 1280, scheme: 'light' } as const;

// A browser on a machine that is busy with other suites takes its time.
jest.setTimeout(60_000);

let browser: Browser;
let plain: ReportProject;
let disguised: ReportProject;
const pages: Record<string, string> = {};

beforeAll(async () => {
  browser = await Browser.start();
  plain = await ReportProject.create();
  disguised = await ReportProject.create(hostile);
  const written = async (project: ReportProject, input: WriteReportInput): Promise<string> =>
    (await project.activities.writeReport(input)).path;
  pages.full = await written(plain, await fullRun(plain));
  pages.failed = await written(plain, await failedRun(plain));
  pages.rejected = await written(plain, await rejectedRun(plain));
  pages.hostile = await written(disguised, hostileRun(await fullRun(disguised)));
});

afterAll(async () => {
  await browser.close();
  await plain.remove();
  await disguised.remove();
});

async function open(
  name: string,
  look: Parameters<BrowserPage['look']>[0] = DESK,
  options = { script: true },
): Promise<BrowserPage> {
  const page = await browser.newPage(options);
  await page.visit(addressOf(name), look);
  return page;
}

function addressOf(name: string): string {
  return pathToFileURL(pages[name] ?? '').href;
}

async function summaryOf(name: string): Promise<ReportSummary> {
  return JSON.parse(
    await readFile(join(dirname(pages[name] ?? ''), 'summary.json'), 'utf8'),
  ) as ReportSummary;
}

/** A figure as it is shown, against the one in the summary: four decimals. */
function expectShown(text: string | undefined, interval: Interval | undefined): void {
  if (interval?.value === null || interval === undefined) expect(text).toBe('–');
  else expect(Number(text?.replace('−', '-'))).toBeCloseTo(interval.value, 4);
}

describe.each(['full', 'failed', 'rejected', 'hostile'])('the page of a run: %s', (name) => {
  test('asks for nothing, complains of nothing, and needs no script', async () => {
    const page = await open(name);
    expect(page.requests).toEqual([addressOf(name)]);
    expect(page.complaints).toEqual([]);
    expect(await page.evaluate('document.querySelectorAll("script,iframe,object,img").length')).toBe(0);
    const silent = await open(name, DESK, { script: false });
    expect(await silent.evaluate('document.body.innerText')).toEqual(
      await page.evaluate('document.body.innerText'),
    );
  });

  test.each([390, 1280])('fits a window of %d pixels', async (width) => {
    const page = await open(name, { width, scheme: 'light' });
    expect(await page.evaluate('innerWidth')).toBe(width);
    expect(await page.evaluate(OVERFLOW)).toBe(0);
  });

  test.each(['light', 'dark'] as const)('has ink that stands out, %s', async (scheme) => {
    const page = await open(name, { width: 1280, scheme });
    await page.evaluate('document.querySelectorAll("details").forEach((details) => (details.open = true))');
    expect(await page.evaluate(FAINT_TEXTS)).toEqual([]);
  });

  test('names its tables, rows, columns and drawings, and leads to every section', async () => {
    const page = await open(name);
    expect(await page.evaluate(UNNAMED)).toEqual([]);
    expect(await page.evaluate(LOST_ANCHORS)).toEqual([]);
  });
});

test('dark is dark and light is light', async () => {
  const page = await open('full');
  const ground = 'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)';
  const light = { ground: await page.evaluate<number[]>(ground), picture: await page.screenshot() };
  await page.look({ width: 1280, scheme: 'dark' });
  const dark = { ground: await page.evaluate<number[]>(ground), picture: await page.screenshot() };
  expect(Math.min(...light.ground)).toBeGreaterThan(240);
  expect(Math.max(...dark.ground)).toBeLessThan(48);
  expect(light.picture.equals(dark.picture)).toBe(false);
});

test('every section is there, with the figures of the summary', async () => {
  const page = await open('full');
  const summary = await summaryOf('full');
  expect(await page.evaluate('[...document.querySelectorAll("main > section")].map(({ id }) => id)')).toEqual(
    SECTIONS,
  );

  const { metrics, candidates } = summary.comparison;
  const [head = [], ...rows] = await page.evaluate<string[][]>(tableIn('candidates'));
  expect(rows).toHaveLength(candidates.length);
  expect(metrics.length).toBeGreaterThan(5);
  candidates.forEach((candidate, index) => {
    expect(rows[index]?.[0]).toContain(candidate.name);
    expect(rows[index]?.[0]?.includes('winner')).toBe(candidate.winner);
    for (const metric of metrics)
      expectShown(rows[index]?.[columnOf(head, metric)], candidate.metrics[metric]);
  });

  const [, ...onHoldout] = await page.evaluate<string[][]>(tableIn('holdout'));
  expect(onHoldout).toHaveLength(Object.keys(summary.holdout?.challenger ?? {}).length);
  for (const [metric, interval] of Object.entries(summary.holdout?.challenger ?? {})) {
    const row =
      onHoldout[
        columnOf(
          onHoldout.map(([title = '']) => title),
          metric,
        )
      ];
    expectShown(row?.[1], interval);
    expectShown(row?.[2], summary.holdout?.champion?.[metric]);
    expectShown(row?.[3], summary.holdout?.difference?.[metric]);
  }

  const text = await page.evaluate<string>('document.body.innerText');
  expect(text).toContain(`This hold-out has gated ${summary.holdout?.timesGated} times`);
  for (const reason of summary.gate?.reasons ?? []) expect(text).toContain(reason.text);
  for (const side of ['train', 'validation', 'holdout'] as const)
    expect(text).toContain(summary.split?.[side].toLocaleString('en-US'));
  for (const step of Object.values(summary.lineage)) expect(text).toContain(step.digest.slice(0, 16));
  expect(text).toContain(summary.lineage.dataset?.digest);
  expect(text).toContain('0123456789abcdef0123456789abcdef01234567');
  const links = await page.evaluate<string[]>('[...document.links].map(({ href }) => href)');
  expect(links).toEqual(
    expect.arrayContaining([
      expect.stringContaining('/workflows/telco-churn%2Fmanual%2F1/'),
      expect.stringContaining('/#/experiments/1/runs/'),
      expect.stringContaining('/#/models/telco-churn/versions/4'),
    ]),
  );
});

test('curves are drawn through the measured points', async () => {
  const page = await open('full');
  const lines = await page.evaluate<number[]>(
    `[...document.querySelectorAll('#curves polyline.winner')].map((line) => line.points.length)`,
  );
  expect(lines).toHaveLength(4);
  expect(Math.min(...lines)).toBeGreaterThan(20);
  const corners = await page.evaluate<number[][]>(
    `[...document.querySelectorAll('#curves figure')].map((figure) => {
      const { points } = figure.querySelector('polyline.winner');
      const base = figure.querySelector('.baseline');
      return [points[0].x - base.x1.baseVal.value, points[points.length - 1].x - base.x2.baseVal.value];
    })`,
  );
  for (const corner of corners) expect(corner).toEqual([0, 0]);
});

test('a failed run says what, where and what to do before anything else', async () => {
  const page = await open('failed', { width: 390, scheme: 'light' });
  const first = await page.evaluate<string>('document.querySelector(".outcome").innerText');
  expect(first).toContain('Failed. The run ended in the stage validate');
  expect(first).toContain('DATA_QUALITY 1 rule is broken: tenure has 7 values below 0');
  expect(first).toContain('stage validate, column tenure');
  expect(first).toContain('mend the rows named in the report');
  expect(first.split('1 rule is broken')).toHaveLength(2);
  expect(
    await page.evaluate('document.querySelector(".outcome").getBoundingClientRect().bottom'),
  ).toBeLessThan(900);
});

test('a rejected run names each broken rule before anything else, and no other', async () => {
  const page = await open('rejected', { width: 390, scheme: 'light' });
  const first = await page.evaluate<string>('document.querySelector(".outcome").innerText');
  expect(first).toContain('Rejected. boosted was the best candidate');
  expect(first).toContain(BROKEN_RULE);
  expect(first).not.toContain('recall');
  expect(
    await page.evaluate('document.querySelector(".outcome").getBoundingClientRect().bottom'),
  ).toBeLessThan(900);
});

test('hostile text stays text', async () => {
  const page = await open('hostile');
  expect(await page.evaluate('document.title')).toContain('telco-churn');
  expect(await page.evaluate('document.querySelectorAll("[onerror]").length')).toBe(0);
  const text = await page.evaluate<string>('document.body.innerText');
  // As written but for the marks that are not seen.
  const shown = HOSTILE.replace(/[\u202E\0]/g, '\uFFFD');
  for (const id of ['gate', 'confusion', 'slices', 'data', 'quality', 'leakage', 'lineage', 'timeline'])
    expect({ id, text: await page.evaluate<string>(`document.getElementById('${id}').innerText`) }).toEqual({
      id,
      text: expect.stringContaining("<script>document.title='owned'") as string,
    });
  expect(text).toContain(shown);
  expect(text).not.toMatch(/[\u202E\0]/);
  const links = await page.evaluate<string[]>('[...document.links].map(({ protocol }) => protocol)');
  // An address that is none has the protocol ':' and leads nowhere.
  expect(links.filter((protocol) => !['file:', 'http:', ':'].includes(protocol))).toEqual([]);
});

test('without a browser it is said what to install, and a closed one leaves nothing', async () => {
  const another = await Browser.start();
  expect(existsSync(another.profile)).toBe(true);
  await another.close();
  expect(existsSync(another.profile)).toBe(false);
  await expect(Browser.start(['no-such-browser'])).rejects.toThrow('install Chromium');
});

function columnOf(heads: readonly string[], metric: string): number {
  const title = describeMetric(metric)?.title ?? metric;
  return heads.findIndex((head) => head.replace(/\s*[↑↓]$/, '').replace(/\s+/g, ' ') === title);
}
