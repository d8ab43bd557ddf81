// Catches a run that was told to promote nothing and registers, moves an alias or deploys all the same, or that skips the gate because of it.
import { quietTemporal } from '../support/temporal';
import { PipelineSuite } from './pipeline-suite';

jest.setTimeout(60_000);
quietTemporal();

const suite = new PipelineSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(() => suite.next());

const nominalDate = '2026-01-31T00:00:00Z';

test('promote: false ends after the gate; the owner of the model hears of nothing, also where it would ask a person', async () => {
  suite.pipeline.resolved.approval = { required: true, timeoutSeconds: 3600 };
  const status = await suite.finished({ promote: false, nominalDate });
  expect(status).toMatchObject({ state: 'done', outcome: 'stopped', nominalDate });
  expect(status.reasons.join()).toMatch(/gate passed.*promotes nothing/);
  const state = (stage: string): string | undefined =>
    status.stages.find((one) => one.stage === stage)?.state;
  expect([state('holdout'), state('gate'), state('release')]).toEqual(['done', 'done', 'skipped']);
  expect(suite.pipeline.calls.map(({ name }) => name)).not.toContain('submitRelease');
  expect(suite.production.calls).toEqual([]);
  expect(suite.pipeline.announced).toEqual(['stopped']);
});

test('promote: false is rejected by the gate as every run is', async () => {
  suite.pipeline.holdOut = 0.7;
  expect(await suite.finished({ promote: false })).toMatchObject({ outcome: 'rejected' });
});

test('promote: true deploys, as a run does that says nothing of it', async () => {
  expect(await suite.finished({ promote: true })).toMatchObject({ outcome: 'deployed' });
});
