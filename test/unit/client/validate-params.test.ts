/** Catches a `validate NAME` that refuses a file which `validate` calls right, since a run has to give a parameter; and one that lets a wrong parameter or file pass. */
import { validate } from '../../../src/client/commands/validate';
import { CommandContext } from '../../../src/client/context';
import { CatalogProject, pipeline } from '../../support/catalog-project';

const project = new CatalogProject();
beforeEach(() => project.create());
afterEach(() => project.remove());

async function validated(name: string | undefined, ...param: string[]): Promise<unknown> {
  const context = await CommandContext.open({ project: project.root, json: true });
  let document: unknown;
  context.output.result = (told) => void (document = told);
  expect(await validate(context, name, { param })).toBe(0);
  return document;
}

const DATED = 'params: { date: { type: date } }\ndescription: "of {{ params.date }}"\n';

test('a parameter without a default is no fault of the file, by name, by path and with all others', async () => {
  await project.put({ 'pipelines/dated.yaml': pipeline('dated', DATED) });
  expect(await validated(undefined)).toMatchObject({ valid: true });
  for (const name of ['dated', 'pipelines/dated.yaml'])
    expect(await validated(name)).toMatchObject({ valid: true, pipeline: 'dated', needs: ['date'] });
  expect(await validated('dated', 'date=2026-11-20')).toMatchObject({ digest: expect.any(String) as string });
  await expect(validated('dated', 'date=soon')).rejects.toMatchObject({ code: 'PIPELINE_PARAMETER_INVALID' });
  await expect(validated('dated', 'day=1')).rejects.toMatchObject({ code: 'PIPELINE_PARAMETER_INVALID' });
});

test('what only the stand-in breaks does not count, and what the file breaks does', async () => {
  const zone =
    'params: { zone: { type: string } }\nschedule: { cron: "@daily", timezone: "{{ params.zone }}" }\n';
  await project.put({ 'pipelines/zoned.yaml': pipeline('zoned', zone) });
  expect(await validated(undefined)).toMatchObject({ valid: true });
  expect(await validated('zoned')).toMatchObject({ valid: true, needs: ['zone'] });
  await project.put({ 'pipelines/broken.yaml': pipeline('broken', `${DATED}sla: 0s\n`) });
  await expect(validated('broken')).rejects.toMatchObject({ code: 'PIPELINE_FILE_INVALID' });
});
