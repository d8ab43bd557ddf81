/** Catches a list of dead letters that does not say which file each is about, and a command that wants an id in full or takes another letter for it. */
import { openLedger } from '../../../src/adapters/ledger/open';
import {
  discardDeadLetter,
  listDeadLetters,
  showDeadLetter,
} from '../../../src/client/commands/dead-letters';
import { CommandContext } from '../../../src/client/context';
import { CatalogProject } from '../../support/catalog-project';

const project = new CatalogProject();
beforeEach(async () => {
  await project.create();
  await project.put({ 'millrace.yaml': 'apiVersion: millrace/v1\n' });
  const ledger = await openLedger({
    projectRoot: project.root,
    environment: { ledger: { path: '.millrace/ledger.sqlite' } },
  });
  for (const [id, where] of [
    ['abcd1', 'data/incoming/empty.csv'],
    ['abcd2', `${'deep/'.repeat(40)}last.csv`],
    ['wxyz1', undefined],
  ] as const)
    await ledger.addDeadLetter({
      id,
      kind: 'file',
      pipeline: 'churn',
      code: 'EVENT_INVALID',
      message: 'the file is empty',
      ...(where !== undefined && { where }),
      input: '{}',
      occurredAt: '2026-11-21T10:00:00.000Z',
    });
  await ledger.close();
});
afterEach(() => project.remove());

async function typed(
  command: (context: CommandContext) => Promise<number>,
): Promise<{ document: unknown; lines: readonly string[] }> {
  const context = await CommandContext.open({ project: project.root, json: true });
  let told: { document: unknown; lines: readonly string[] } | undefined;
  context.output.result = (document, lines) => void (told = { document, lines });
  expect(await command(context)).toBe(0);
  return told!;
}

test('the list names the file of each, by the end of its path', async () => {
  const { lines } = await typed((context) => listDeadLetters(context, { state: 'open', limit: 10 }));
  const text = lines.join('\n');
  expect(text).toContain('data/incoming/empty.csv');
  expect(text).toMatch(/ …\S*deep\/last\.csv /);
});

test('a letter is found by how its id begins, where no other begins so', async () => {
  expect((await typed((context) => showDeadLetter(context, 'wxyz'))).document).toMatchObject({ id: 'wxyz1' });
  for (const id of ['abcd', 'wxy', 'wxyz12'])
    await expect(typed((context) => showDeadLetter(context, id))).rejects.toMatchObject({ code: 'USAGE' });
  const why = { why: 'a test', by: 'ada' };
  const { document } = await typed((context) => discardDeadLetter(context, 'wxyz', why));
  expect(document).toMatchObject({ id: 'wxyz1', state: 'discarded' });
  expect((await typed((context) => showDeadLetter(context, 'wxyz1'))).document).toMatchObject({
    state: 'discarded',
  });
});
