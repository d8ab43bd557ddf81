/** Catches a ledger in SQLite that loses a claim, keeps two, or cannot be opened by several processes at once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '../../../src/adapters/ledger/open';
import { announcementContract } from './announcement-contract';
import { ledgerContract } from './contract';

const folders: string[] = [];

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'millrace-ledger-'));
  folders.push(made);
  return made;
}

afterAll(() => Promise.all(folders.map((made) => rm(made, { recursive: true, force: true }))));

const empty = async () => ({ projectRoot: await folder(), ledger: { path: 'state/ledger.sqlite' } });
ledgerContract(empty);
announcementContract(empty);

test('a file that is no database is told apart from one that cannot be opened', async () => {
  const projectRoot = await folder();
  const open = (path: string) => openLedger({ projectRoot, environment: { ledger: { path } } });
  await expect(open('.')).rejects.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
    where: projectRoot,
    retryable: true,
  });
  await writeFile(
    join(projectRoot, 'text'),
    'this is a text and no database, which SQLite sees from its first bytes',
  );
  await expect(open('text')).rejects.toThrow('file is not a database');
});
