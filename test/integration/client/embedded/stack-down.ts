/** Catches commands that hang, crash or talk to another project's servers while this project's stack is down. */
import { CLI_TEST_MS, type CliProject, type StatusDocument } from '../cli-project';

/** Types commands before anything was started. */
export function testStackDown(project: () => CliProject): void {
  describe('before the stack is up', () => {
    test(
      'status and doctor say what is missing, with exit code 4',
      async () => {
        const { parts } = await project().json<StatusDocument>(4, 'status');
        expect(parts.map(({ part, answers }) => [part, answers])).toEqual([
          ['temporal', false],
          ['mlflow', false],
          ['worker', false],
          ['serve', false],
        ]);
        // Whoever else answers at Temporal's usual address is not this project's.
        expect(parts[0]?.address).toBeUndefined();
        const doctor = await project().json<{
          ok: boolean;
          checks: { title: string; ok: boolean; mend?: string }[];
        }>(4, 'doctor');
        const missing = doctor.checks.filter(({ ok }) => !ok);
        expect(missing.map(({ title, mend }) => [title, mend])).toEqual(
          ['Temporal server', 'MLflow server', 'Workers', 'Triggers and API'].map((title) => [
            title,
            'run `millrace up`',
          ]),
        );
      },
      CLI_TEST_MS,
    );

    test.each([
      [['runs'], 'TEMPORAL_UNAVAILABLE'],
      [['show', 'some/run'], 'TEMPORAL_UNAVAILABLE'],
      [['cancel', 'some/run'], 'TEMPORAL_UNAVAILABLE'],
      [['worker'], 'TEMPORAL_UNAVAILABLE'],
      [['models'], 'MLFLOW_UNAVAILABLE'],
    ])(
      'millrace %j ends with exit code 4 and says what to type',
      async (words, code) => {
        const { error } = await project().json<{ error: { code: string; mend: string } }>(4, ...words);
        expect(error.code).toBe(code);
        expect(error.mend).toContain('millrace up');
      },
      CLI_TEST_MS,
    );

    test(
      'down finds nothing to stop, which is no failure',
      async () => {
        expect(await project().json(0, 'down')).toEqual({ stopped: [] });
      },
      CLI_TEST_MS,
    );
  });
}
