// Catches a command line that lists the wrong dead letters, lets their text steer the terminal, replays what was not named, or closes one without a reason.
import { openLedger } from '../../../src/adapters/ledger/open';
import { kafkaEvent } from '../../support/claimed-events';
import { startDevServer, type DevServer } from '../../support/temporal';
import { CLI_TEST_MS, CliProject } from './cli-project';

describe('dead letters', () => {
  let temporal: DevServer;
  let project: CliProject;

  beforeAll(async () => {
    temporal = await startDevServer();
    project = await CliProject.create({ TEMPORAL_ADDRESS: temporal.address });
    const ledger = await openLedger({
      projectRoot: project.root,
      environment: { ledger: { path: '.millrace/ledger.sqlite' } },
    });
    const letter = (id: string, code: string, message: string, replayed: boolean) =>
      ledger.addDeadLetter({
        id,
        kind: 'kafka',
        pipeline: 'churn',
        code,
        message,
        input: `{"message": "${id}"}`,
        ...(replayed && { replay: kafkaEvent('churn', id) }),
        occurredAt: `2026-11-21T10:00:0${id}.000Z`,
      });
    await letter('1', 'EVENT_REFUSED', 'no such pipeline', true);
    await letter('2', 'EVENT_REFUSED', 'no such pipeline', true);
    await letter('3', 'EVENT_REFUSED', 'no such pipeline', false);
    await letter('4', 'EVENT_INVALID', 'not JSON: \u001b[2J\u0007', true);
    await ledger.putRegistration({
      pipeline: 'fraud',
      file: 'pipelines/fraud.yaml',
      triggers: [],
      sources: ['rows'],
      appliedAt: '2026-11-21T10:00:00.000Z',
    });
    for (const [id, file] of [
      ['5', 'rows.csv'],
      ['6', 'gone.csv'],
    ] as const)
      await ledger.addDeadLetter({
        id,
        kind: 'kafka',
        pipeline: 'fraud',
        code: 'SOURCE_NOT_FOUND',
        message: 'the file is not there',
        input: '{}',
        replay: { ...kafkaEvent('fraud', id), files: [{ path: file, mode: 'replace' }] },
        occurredAt: `2026-11-20T10:00:0${id}.000Z`,
      });
    await ledger.close();
  }, CLI_TEST_MS);
  afterAll(async () => {
    await project.remove();
    await temporal.stop();
  }, CLI_TEST_MS);

  const open = async (pipeline = 'churn'): Promise<string[]> =>
    (await project.json<{ id: string }[]>(0, 'dead-letters', 'list', '--pipeline', pipeline)).map(
      ({ id }) => id,
    );

  test(
    'are listed, shown, replayed by cause and discarded with a reason',
    async () => {
      expect(await open()).toEqual(['4', '3', '2', '1']);
      const shown = await project.millrace('dead-letters', 'show', '4');
      expect(shown.out).toContain('{"message": "4"}');
      expect(shown.out).not.toMatch(/\p{Cc}(?<!\n)/u);

      expect((await project.millrace('dead-letters', 'replay', '1', '--code', 'EVENT_REFUSED')).code).toBe(2);
      const replayed = await project.json<{
        replayed: { id: string; workflowId: string }[];
        failed: object[];
      }>(...([1, 'dead-letters', 'replay', '--code', 'EVENT_REFUSED', '--by', 'ada'] as const));
      expect(replayed).toMatchObject({
        replayed: [
          { id: '1', started: true },
          { id: '2', started: true },
        ],
        failed: [{ id: '3', code: 'EVENT_REFUSED' }],
      });
      expect(await open()).toEqual(['4', '3']);
      expect(await project.json(0, 'dead-letters', 'show', '1')).toMatchObject({
        state: 'replayed',
        settledBy: 'ada',
        workflowId: replayed.replayed[0]?.workflowId,
      });

      expect((await project.millrace('dead-letters', 'discard', '3')).code).toBe(2);
      expect(
        await project.json(0, 'dead-letters', 'discard', '3', '--why', 'the sender knows'),
      ).toMatchObject({
        state: 'discarded',
      });
      expect(await project.json(0, 'dead-letters', 'list', '--state', 'discarded')).toMatchObject([
        { id: '3', settledWhy: 'the sender knows' },
      ]);
      expect(await open()).toEqual(['4']);
    },
    CLI_TEST_MS,
  );

  test(
    'that named files are replayed with them; one whose file is still not there stays',
    async () => {
      expect(await project.json(1, 'dead-letters', 'replay', '--pipeline', 'fraud')).toMatchObject({
        replayed: [{ id: '5', started: true }],
        failed: [{ id: '6', code: 'SOURCE_NOT_FOUND' }],
      });
      expect(await open('fraud')).toEqual(['6']);
    },
    CLI_TEST_MS,
  );
});
