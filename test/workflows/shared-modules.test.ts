// Catches schemas that are built anew for each workflow (milliseconds and megabytes each), that cannot be used a second time because the SDK has frozen them,
// and a workflow's own modules that leak into the next workflow.
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import leaveOpen from '../../src/workers/shared-module-loader';
import { bundleWorkflows, quietTemporal, startTimeSkipping } from '../support/temporal';
import type { marks } from '../support/shared-modules/workflows';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  quietTemporal();
  environment = await startTimeSkipping();
});
afterAll(() => environment.teardown());

test('what TypeScript makes of a module is closed, as the source is', () => {
  const ofTypeScript =
    '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.a = 1;';
  expect(leaveOpen(ofTypeScript)).toMatch(/;Object\.freeze\(exports\);\n$/);
  expect(leaveOpen('export const a = 1;')).toMatch(/;Object\.freeze\(__webpack_exports__\);\n$/);
});

test('workflows share the contracts, use their schemas, and nothing else of one another', async () => {
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: 'shared-modules',
    workflowBundle: await bundleWorkflows(join(__dirname, '..', 'support', 'shared-modules', 'workflows.ts')),
    // One thread has one context.
    workflowThreadPoolSize: 1,
  });
  const found = await worker.runUntil(async () => {
    const run = (workflowId: string) =>
      environment.client.workflow.execute<typeof marks>('marks', { workflowId, taskQueue: 'shared-modules' });
    return [await run('first'), await run('second')];
  });
  const parsed = { units: 3 };
  expect(found).toEqual([
    { shared: 1, own: 1, closed: true, parsed },
    { shared: 2, own: 1, closed: true, parsed },
  ]);
});
