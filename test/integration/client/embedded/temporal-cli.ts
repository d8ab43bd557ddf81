/** Catches a run that only Millrace's own commands can start, see or steer: the plain `temporal` command must do all of it. */
import { CLI_TEST_MS, type CliProject } from '../cli-project';

interface OwnerAnswer {
  readonly queryResult: readonly {
    requests: readonly { requestId: string; workflowId: string; state: string }[];
  }[];
}

/** Starts, queries, updates, signals and lists with Temporal's own command. Needs the pipeline of `writeAsking`. */
export function testTemporalCli(project: () => CliProject): void {
  describe('the plain temporal command', () => {
    const start = async (workflowId: string, weight: number): Promise<void> => {
      await project().temporal(
        ...['workflow', 'start', '--type', 'trainingPipeline', '--task-queue', 'millrace-pipelines'],
        ...[
          '--workflow-id',
          workflowId,
          '--input',
          JSON.stringify({ pipeline: 'asking', params: { weight } }),
        ],
      );
      await project().untilAsked(workflowId);
    };

    test(
      'starts a run, asks how it stands, and approves it by an update that refuses nonsense',
      async () => {
        const workflowId = 'asking/by-hand/1';
        await start(workflowId, 0.7);
        const { queryResult } = await project().temporal<{
          queryResult: { state: string; pipeline: string }[];
        }>(...['workflow', 'query', '--workflow-id', workflowId, '--name', 'status']);
        expect(queryResult).toMatchObject([{ state: 'awaiting-approval', pipeline: 'asking' }]);
        const approve = (input: object): Promise<unknown> =>
          project().temporal(
            ...['workflow', 'update', 'execute', '--workflow-id', workflowId, '--name', 'approve'],
            ...['--input', JSON.stringify(input)],
          );
        await expect(approve({ why: 'nobody says so' })).rejects.toThrow(/by/);
        await approve({ by: 'ada' });
        expect(await project().json(0, 'follow', workflowId)).toMatchObject({
          outcome: 'deployed',
          model: { version: '3' },
        });
      },
      CLI_TEST_MS,
    );

    test(
      'rejects by a signal to the model’s owner, and lists by search attribute',
      async () => {
        const workflowId = 'asking/by-hand/2';
        await start(workflowId, 0.6);
        const owner = await project().temporal<OwnerAnswer>(
          ...['workflow', 'query', '--workflow-id', 'model/asking', '--name', 'status'],
        );
        const request = owner.queryResult[0]?.requests.find((one) => one.workflowId === workflowId);
        expect(request?.state).toBe('awaiting-approval');
        await project().signal('model/asking', 'decide', {
          requestId: request?.requestId,
          by: 'grace',
          approved: false,
        });
        expect(await project().json(3, 'follow', workflowId)).toMatchObject({ outcome: 'rejected' });

        const listed = await project().temporal<{ execution: { workflowId: string } }[]>(
          ...['workflow', 'list', '--query', "MillracePipeline = 'asking' AND MillraceOutcome = 'rejected'"],
        );
        expect(listed.map(({ execution }) => execution.workflowId)).toContain(workflowId);
        expect(listed.map(({ execution }) => execution.workflowId)).not.toContain('asking/by-hand/1');
      },
      CLI_TEST_MS,
    );
  });
}
