/** Catches a version that goes into production without or against a person's word, and one that nobody can take back. */
import { ask } from '../customers';
import { CLI_TEST_MS, type CliProject } from '../cli-project';

/** Rows as a caller sends them to the scripted model. */
export const SIGNALS = [
  { signal: 0.9, noise: 0.1 },
  { signal: 0.2, noise: 0.9 },
];

/** Writes the pipeline whose model waits for a person; `weight` makes another model of it. */
export async function writeAsking(project: CliProject): Promise<void> {
  await project.scripted.writePipeline(
    'asking',
    [{ name: 'one', params: { weight: '{{ params.weight }}' } }],
    {
      params: { weight: { type: 'number', default: 0.8 } },
      registry: { model: 'asking' },
      deploy: { target: 'local', approval: 'required', smoke: { rows: 5 } },
    },
  );
}

/** Approves, rejects, promotes and rolls back. */
export function testReleases(project: () => CliProject): void {
  describe('a model that needs a person’s word', () => {
    let endpoint: string;
    const champion = async (): Promise<unknown> =>
      (await project().json<{ owner: { champion: { version: string } } }>(0, 'models', 'show', 'asking'))
        .owner.champion.version;

    beforeAll(() => writeAsking(project()));

    test(
      'goes into production when it is approved, and not before',
      async () => {
        const run = await project().runUntilAsked('asking');
        const before = await project().json<{ versions: { aliases: string[] }[] }>(
          0,
          'models',
          'show',
          'asking',
        );
        expect(before.versions).toMatchObject([{ aliases: ['challenger'] }]);
        const approved = await project().json(0, 'approve', run, '--by', 'ada', '--why', 'looks right');
        expect(approved).toMatchObject({ verdict: 'approve', by: 'ada', why: 'looks right', version: '1' });
        const ended = await project().json<{ outcome: string; model: { endpoint: string } }>(
          0,
          'follow',
          run,
        );
        expect(ended).toMatchObject({ outcome: 'deployed', model: { version: '1' } });
        ({ endpoint } = ended.model);
        expect(await ask(endpoint, SIGNALS)).toHaveLength(2);
      },
      CLI_TEST_MS,
    );

    test(
      'stays out when it is rejected: exit code 3, and the reason is told',
      async () => {
        const run = await project().runUntilAsked('asking', '--param', 'weight=0.9');
        await project().json(0, 'reject', run, '--by', 'grace', '--why', 'not on a Friday');
        const ended = await project().json<{ reasons: string[] }>(3, 'follow', run);
        expect(ended).toMatchObject({ outcome: 'rejected' });
        expect(ended.reasons.join()).toContain('not on a Friday');
        expect(await champion()).toBe('1');
      },
      CLI_TEST_MS,
    );

    test(
      'is promoted and rolled back by hand, at the same address',
      async () => {
        const first = await ask(endpoint, SIGNALS);
        const promoted = await project().json(
          0,
          'models',
          'promote',
          'asking',
          '2',
          '--by',
          'ada',
          '--why',
          'it is Monday',
        );
        expect(promoted).toMatchObject({
          model: 'asking',
          version: '2',
          status: { champion: { version: '2', endpoint } },
        });
        expect(await ask(endpoint, SIGNALS)).not.toEqual(first);
        await project().json(0, 'models', 'rollback', 'asking', '1', '--why', 'it was not');
        expect(await champion()).toBe('1');
        expect(await ask(endpoint, SIGNALS)).toEqual(first);
      },
      CLI_TEST_MS,
    );
  });
}
