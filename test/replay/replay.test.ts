// Catches a change of a workflow that would break the runs which are open when it is deployed: recorded histories must replay, and a changed
// workflow must be noticed. After an intended change record them anew, as `record.ts` says.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleWorkflows, quietTemporal } from '../support/temporal';
import { readHistories, type HistoryFile } from './history-file';
import { payloadsOf } from './scrub';

jest.setTimeout(60_000);
quietTemporal();

/** Every end and every message that runs in production may have behind them. */
const EXPECTED = [
  ...['modelRelease', 'trainCandidate-cancelled', 'trainCandidate-done', 'trainCandidate-failed'],
  ...['trainCandidate-leased', 'trainCandidate-withdrawn', 'resourcePool'],
  // Of a worker that told pools each word by a signal of its own.
  'resourcePool-single-words',
  ...['scheduledRun-cancelled', 'scheduledRun-completed', 'scheduledRun-done-before'],
  ...['backfill-cancelled', 'backfill-continued', 'backfill-ended'],
  ...['trainingPipeline-approved', 'trainingPipeline-cancelled', 'trainingPipeline-deployed'],
  ...['trainingPipeline-failed', 'trainingPipeline-one-left', 'trainingPipeline-rejected'],
  ...['trainingPipeline-stopped', 'trainingPipeline-held', 'trainingPipeline-published'],
  ...[
    'trainingPipeline-made',
    'trainingPipeline-shared',
    'trainingPipeline-upstream-failed',
    'trainingPipeline-waited',
  ],
];

let histories: HistoryFile[];
let current: WorkflowBundleWithSourceMap;
let changed: WorkflowBundleWithSourceMap;
beforeAll(async () => {
  histories = await readHistories();
  current = await bundleWorkflows();
  changed = await bundleWorkflows(join(__dirname, 'changed-workflows.ts'));
});

function historyOf(name: string): HistoryFile {
  const found = histories.find((file) => file.name === name);
  if (!found) throw new Error(`no history ${name} is recorded`);
  return found;
}

/** The name of the error that replaying ends with; undefined when it replays. */
async function replay(
  workflowBundle: WorkflowBundleWithSourceMap,
  { history, workflowId }: HistoryFile,
): Promise<string | undefined> {
  try {
    await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

test('the recorded histories are these', () => {
  expect(histories.map(({ name }) => name).sort()).toEqual([...EXPECTED].sort());
});

describe.each(EXPECTED)('%s', (name) => {
  test('replays with the workflows as they are', async () => {
    expect(await replay(current, historyOf(name))).toBeUndefined();
  });

  test('does not replay with an activity more at the beginning', async () => {
    expect(await replay(changed, historyOf(name))).toMatch(/^DeterminismViolationError/);
  });

  test('tells nothing of the machine that it was recorded on', () => {
    const { text } = historyOf(name);
    const all = [text, ...payloadsOf(JSON.parse(text))].join('\n');
    // As in an identity, which is the process id and the host's name.
    expect(all).not.toContain(`@${hostname()}`);
    expect(all).not.toMatch(/\/(work|root|home|tmp|Users|var)\//);
    expect(text).not.toMatch(/"stackTrace"/);
  });
});

describe('a change deep in a workflow is noticed by the histories that came so far', () => {
  test.each([
    {
      change: 'another activity',
      from: 'data.validateData(',
      to: 'data.checkData(',
      name: 'trainingPipeline-failed',
    },
    {
      change: 'the gate left out of the hold-out',
      from: 'activities.data.evaluateHoldout(',
      to: 'activities.data.measure(',
      name: 'trainingPipeline-rejected',
    },
    {
      change: 'another child',
      from: "trainCandidate: 'trainCandidate'",
      to: "trainCandidate: 'fitCandidate'",
      name: 'trainingPipeline-one-left',
    },
    {
      change: 'another record',
      from: 'services.recordCandidate(',
      to: 'services.noteCandidate(',
      name: 'trainCandidate-failed',
    },
    {
      change: 'another registration',
      from: '.registry.registerVersion(',
      to: '.registry.addVersion(',
      name: 'modelRelease',
    },
    { change: 'another wait', from: 'awaitAnnouncements(', to: 'lookOut(', name: 'trainingPipeline-waited' },
    {
      change: 'a wait that is not struck off',
      from: 'endWait({',
      to: 'Promise.resolve({',
      name: 'trainingPipeline-upstream-failed',
    },
    {
      change: 'another publication',
      from: 'publishing.publishDataset(',
      to: 'publishing.giveOut(',
      name: 'trainingPipeline-published',
    },
    {
      change: 'a pause that is left out',
      from: 'run.beforeStage = ',
      to: 'run.afterStage = ',
      name: 'trainingPipeline-held',
    },
    {
      change: 'another job',
      from: 'jobs.runFeatureJob(',
      to: 'jobs.runJob(',
      name: 'trainingPipeline-made',
    },
    {
      change: 'another request',
      from: '{ askPool }',
      to: '{ begPool: askPool }',
      name: 'trainCandidate-leased',
    },
    {
      change: 'a wait that is not told',
      from: 'isWaiting(told = true)',
      to: 'void (told = true)',
      name: 'trainCandidate-withdrawn',
    },
    {
      change: 'another word of a grant',
      from: '{ deliverGrants }',
      to: '{ sendGrants: deliverGrants }',
      name: 'resourcePool',
    },
    {
      change: 'another claim',
      from: 'claims.claimScheduledRun(',
      to: 'claims.claimRun(',
      name: 'scheduledRun-completed',
    },
    {
      change: 'another run',
      from: "trainingPipeline: 'trainingPipeline'",
      to: "trainingPipeline: 'fit'",
      name: 'scheduledRun-cancelled',
    },
    {
      change: 'another child',
      from: "trainingPipeline: 'trainingPipeline'",
      to: "trainingPipeline: 'fit'",
      name: 'backfill-ended',
    },
    {
      change: 'another limit of its history',
      from: 'historyLength >= eventsPerExecution',
      to: 'historyLength >= 10_000',
      name: 'backfill-continued',
    },
  ])('$change in $name', async ({ from, to, name }) => {
    expect(current.code).toContain(from);
    const mutated = { ...current, code: current.code.replaceAll(from, to) };
    expect(await replay(mutated, historyOf(name))).toMatch(/^DeterminismViolationError/);
  });
});

describe('the history of a run of five candidates, with a gate of fifty slices', () => {
  const MOST_EVENTS = 400;
  const LARGEST_PAYLOAD = 16 * 1024;

  test('of the run and its children together: fewer than 400 events', () => {
    const run = historyOf('trainingPipeline-deployed').history.events ?? [];
    const child = historyOf('trainCandidate-done').history.events ?? [];
    const children = run.filter((event) => event.childWorkflowExecutionCompletedEventAttributes);
    expect(children).toHaveLength(5);
    expect(run.length + children.length * child.length).toBeLessThan(MOST_EVENTS);
  });

  test.each(EXPECTED)('%s: no payload over 16 KB', (name) => {
    const sizes = payloadsOf(JSON.parse(historyOf(name).text)).map((payload) => Buffer.byteLength(payload));
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThan(LARGEST_PAYLOAD);
  });
});
