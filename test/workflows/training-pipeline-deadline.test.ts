// Catches a run whose deadline passes unseen, is told of again and again, or ends it.
import { quietTemporal } from '../support/temporal';
import { PipelineSuite } from './pipeline-suite';

jest.setTimeout(60_000);
quietTemporal();

const suite = new PipelineSuite();
beforeAll(() => suite.start());
afterAll(() => suite.stop());
beforeEach(() => suite.next());

test('the deadline of a run is told once when it passes, and ends nothing', async () => {
  suite.pipeline.resolved.slaSeconds = 600;
  suite.pipeline.resolved.approval = { required: true, timeoutSeconds: 3600 };
  // Nobody decides: the approval times out long after the deadline.
  const status = await suite.finished();
  expect(status).toMatchObject({ outcome: 'rejected', state: 'done' });
  expect(suite.pipeline.announced).toEqual(['awaitingApproval', 'sla', 'rejected']);
});
