/** What every ledger promises, whatever database is behind it. */
import { join } from 'node:path';
import { openLedger } from '../../../src/adapters/ledger/open';
import type { Environment } from '../../../src/contracts/project-file';
import type { Registration } from '../../../src/ports/registration-ledger';
import type { Ledger, RunRecord } from '../../../src/ports/ledger';
import { startTypeScript } from '../../support/child-process';

const LATER = '2100-01-01T00:00:00.000Z';

/** Where a ledger lies. */
export interface LedgerPlace {
  readonly projectRoot: string;
  readonly ledger: Environment['ledger'];
}

/** Tests the ledger at the place that `empty` makes: a new one each time, in which nothing is yet. */
export function ledgerContract(empty: () => Promise<LedgerPlace>): void {
  let place: LedgerPlace;
  let opened: Ledger[] = [];
  const open = async (): Promise<Ledger> => {
    const ledger = await openLedger({ projectRoot: place.projectRoot, environment: place });
    opened.push(ledger);
    return ledger;
  };
  beforeEach(async () => {
    place = await empty();
  });
  afterEach(async () => {
    await Promise.all(opened.map((ledger) => ledger.close()));
    opened = [];
  });

  test('processes that open a new ledger at once make its tables once, and one claim of each event stands', async () => {
    const { projectRoot, ledger: last } = place;
    // Where there may be many of them, the race is run often.
    const settings =
      'path' in last
        ? [...Array.from({ length: 10 }, (_, round) => `${String(round)}.sqlite`), last.path].map((name) => ({
            path: join(projectRoot, name),
          }))
        : [last];
    const children = ['one', 'two', 'three', 'four'].map((name) =>
      startTypeScript(join(__dirname, 'racing-claimer.ts'), [JSON.stringify(settings), name, '40']),
    );
    for (const { lines } of children) for await (const line of lines) if (line === 'ready') break;
    for (const child of children) child.process.stdin?.end(String(Date.now() + 100));
    const ends = await Promise.all(children.map(({ ended }) => ended));
    expect(ends.map(({ code, errors }) => (code === 0 ? '' : errors))).toEqual(['', '', '', '']);
    const stands = ends.map(({ output }) => output.trim().split('\n').at(-1));
    expect(new Set(stands).size).toBe(1);
    expect(JSON.parse(stands[0] ?? '')).toHaveLength(40);
    const ledger = await open();
    expect(await ledger.listUnconfirmed(LATER, 1000)).toHaveLength(40);
  });

  test('of claims that race over many connections one stands, also for those that come later', async () => {
    const ledgers = await Promise.all(Array.from({ length: 8 }, open));
    for (let number = 0; number < 25; number += 1) {
      const claims = await Promise.all(
        ledgers.map((ledger, index) =>
          ledger.claimEvent({
            key: `key-${String(number)}`,
            kind: 'file',
            pipeline: 'churn',
            workflowId: `churn/file/${String(number)}`,
            input: { pipeline: 'churn', params: { index } },
          }),
        ),
      );
      expect(new Set(claims.map((claim) => JSON.stringify(claim))).size).toBe(1);
      expect(await ledgers.at(-1)?.findEvent(`key-${String(number)}`)).toEqual(claims[0]);
    }
    expect(await ledgers[0]?.listUnconfirmed(LATER, 100)).toHaveLength(25);
  });

  test('a claim is confirmed by its first run, and is then no more among those without one', async () => {
    const ledger = await open();
    for (const key of ['a', 'b', 'c'])
      await ledger.claimEvent({
        key,
        kind: 'http',
        pipeline: 'churn',
        workflowId: `w-${key}`,
        input: { pipeline: 'churn' },
      });
    await ledger.confirmEvent('b', 'run-1');
    await ledger.confirmEvent('b', 'run-2');
    expect(await ledger.findEvent('b')).toMatchObject({ runId: 'run-1', kind: 'http' });
    expect((await ledger.listUnconfirmed(LATER, 10)).map(({ key }) => key).sort()).toEqual(['a', 'c']);
    expect(await ledger.listUnconfirmed(LATER, 1)).toHaveLength(1);
    expect(await ledger.listUnconfirmed('2000-01-01T00:00:00.000Z', 10)).toEqual([]);
    expect(await ledger.findEvent('d')).toBeUndefined();
  });

  test('a dead letter is closed by one of those who try, and opened again when its run fails anew', async () => {
    const ledger = await open();
    const ledgers = [ledger, ...(await Promise.all(Array.from({ length: 5 }, open)))];
    const letter = deadLetter('a', { kind: 'run', occurredAt: '2026-11-20T00:00:00.000Z' });
    await Promise.all(ledgers.map((one) => one.addDeadLetter(letter)));
    await ledger.addDeadLetter({ ...letter, message: 'another message' });
    expect(await ledger.findDeadLetter('a')).toEqual({ ...letter, state: 'open', openings: 1 });
    const closed = await Promise.all(
      ledgers.map((one, index) =>
        one.settleDeadLetter('a', { state: 'replayed', by: `person ${String(index)}`, workflowId: 'w' }),
      ),
    );
    expect(closed.filter(Boolean)).toHaveLength(1);
    expect(await ledger.findDeadLetter('a')).toMatchObject({
      state: 'replayed',
      settledBy: `person ${String(closed.indexOf(true))}`,
      workflowId: 'w',
    });
    await Promise.all(ledgers.map((one) => one.addDeadLetter(letter)));
    expect(await ledger.findDeadLetter('a')).toMatchObject({ state: 'replayed', openings: 1 });
    await ledger.addDeadLetter({ ...letter, occurredAt: '2026-11-21T00:00:00.000Z' });
    expect(await ledger.findDeadLetter('a')).toEqual({
      ...letter,
      occurredAt: '2026-11-21T00:00:00.000Z',
      state: 'open',
      openings: 2,
    });
    const late = { state: 'discarded', by: 'ada', openings: 1 } as const;
    expect(await ledger.settleDeadLetter('a', late)).toBe(false);
    expect(await ledger.settleDeadLetter('a', { ...late, openings: 2 })).toBe(true);
    expect(await ledger.settleDeadLetter('nobody', { state: 'discarded', by: 'ada' })).toBe(false);
  });

  test('a dead letter of an event that is settled stays so, whatever its source says again', async () => {
    const ledger = await open();
    for (const state of ['replayed', 'discarded'] as const) {
      const letter = deadLetter(state, { occurredAt: '2026-11-20T00:00:00.000Z' });
      await ledger.addDeadLetter(letter);
      await ledger.settleDeadLetter(state, { state, by: 'ada' });
      await ledger.addDeadLetter({ ...letter, occurredAt: '2026-11-21T00:00:00.000Z' });
      expect(await ledger.findDeadLetter(state)).toMatchObject({ ...letter, state, openings: 1 });
    }
  });

  test('ids of dead letters are found by how they begin, to the letter', async () => {
    const ledger = await open();
    for (const id of ['ab%d', 'abcd', 'abce', 'Abcd']) await ledger.addDeadLetter(deadLetter(id));
    expect(await ledger.deadLetterIds('abc', 5)).toEqual(['abcd', 'abce']);
    expect(await ledger.deadLetterIds('abc', 1)).toEqual(['abcd']);
    expect(await ledger.deadLetterIds('ab%', 5)).toEqual(['ab%d']);
    expect(await ledger.deadLetterIds('abcdef', 5)).toEqual([]);
  });

  test('dead letters are listed newest first, by state, code, kind and pipeline', async () => {
    const ledger = await open();
    await ledger.addDeadLetter(deadLetter('1', { occurredAt: '2026-11-01T00:00:00.000Z', kind: 'kafka' }));
    await ledger.addDeadLetter(
      deadLetter('2', { occurredAt: '2026-11-03T00:00:00.000Z', code: 'EVENT_REFUSED' }),
    );
    await ledger.addDeadLetter(
      deadLetter('3', { occurredAt: '2026-11-02T00:00:00.000Z', pipeline: 'fraud' }),
    );
    await ledger.settleDeadLetter('3', { state: 'discarded', by: 'ada', why: 'a test' });
    const ids = async (filter: object): Promise<string[]> =>
      (await ledger.listDeadLetters({ limit: 10, ...filter })).map(({ id }) => id);
    expect(await ids({})).toEqual(['2', '3', '1']);
    expect(await ids({ limit: 2 })).toEqual(['2', '3']);
    expect(await ids({ state: 'open' })).toEqual(['2', '1']);
    expect(await ids({ state: 'discarded' })).toEqual(['3']);
    expect(await ids({ code: 'EVENT_REFUSED' })).toEqual(['2']);
    expect(await ids({ kind: 'kafka' })).toEqual(['1']);
    expect(await ids({ pipeline: 'fraud', state: 'open' })).toEqual([]);
  });

  test('text that came from outside is kept whatever is in it', async () => {
    const ledger = await open();
    const odd = `it's "odd" \u0000 \u{1F600} \\ %s $1 ; DROP TABLE events`;
    await ledger.addDeadLetter(deadLetter('odd', { message: odd, input: odd, pipeline: odd }));
    expect(await ledger.findDeadLetter('odd')).toMatchObject({ message: odd, input: odd, pipeline: odd });
    expect(await ledger.listDeadLetters({ pipeline: odd, limit: 5 })).toHaveLength(1);
  });

  test('the input of a dead letter is bounded whoever writes it, at a whole character, and says what was cut', async () => {
    const ledger = await open();
    const fits = 'ä'.repeat(32 * 1024);
    await ledger.addDeadLetter(deadLetter('fits', { input: fits }));
    expect((await ledger.findDeadLetter('fits'))?.input).toBe(fits);
    for (const shift of ['', 'x']) {
      await ledger.addDeadLetter(deadLetter(`long${shift}`, { input: `${shift}${'ä'.repeat(500_000)}` }));
      const { input = '' } = (await ledger.findDeadLetter(`long${shift}`)) ?? {};
      expect(Buffer.byteLength(input)).toBeLessThanOrEqual(65_536);
      expect(Buffer.byteLength(input)).toBeGreaterThan(65_000);
      expect(input).toMatch(/^x?ä+\n… cut here: it has 100000[01] bytes$/u);
    }
  });

  test('a registration is replaced by the next, and its pause stays until it is ended', async () => {
    const ledger = await open();
    const registration: Registration = {
      pipeline: 'churn',
      file: 'pipelines/churn.yaml',
      triggers: [],
      sources: ['customers'],
      appliedAt: '2026-11-21T10:00:00.000Z',
    };
    await ledger.putRegistration(registration);
    expect(await ledger.pauseRegistration('churn', { by: 'ada', note: 'holidays' })).toBe(true);
    await ledger.putRegistration({ ...registration, sources: ['customers', 'usage'] });
    expect(await ledger.listRegistrations()).toMatchObject([
      { sources: ['customers', 'usage'], paused: { by: 'ada', note: 'holidays' } },
    ]);
    expect(await ledger.pauseRegistration('churn', undefined)).toBe(true);
    expect(await ledger.listRegistrations()).toEqual([{ ...registration, sources: ['customers', 'usage'] }]);
    expect(await ledger.pauseRegistration('nobody', undefined)).toBe(false);
    await ledger.removeRegistration('churn');
    expect(await ledger.listRegistrations()).toEqual([]);
  });

  test('runs, gates of a hold-out and notifications are counted once', async () => {
    const ledger = await open();
    await ledger.recordRun(runRecord('churn/1', 'r1', 'running'));
    await ledger.recordRun({
      ...runRecord('churn/1', 'r1', 'deployed'),
      endedAt: '2026-11-21T11:00:00.000Z',
    });
    await ledger.recordRun({
      ...runRecord('churn/2', 'r2', 'failed'),
      startedAt: '2026-11-21T12:00:00.000Z',
    });
    expect((await ledger.listRuns({ limit: 5 })).map(({ workflowId }) => workflowId)).toEqual([
      'churn/2',
      'churn/1',
    ]);
    expect(await ledger.listRuns({ outcome: 'deployed', limit: 5 })).toHaveLength(1);
    expect(await ledger.findRun('churn/1')).toMatchObject({
      outcome: 'deployed',
      endedAt: '2026-11-21T11:00:00.000Z',
    });
    const run = { workflowId: 'churn/1', runId: 'r1' };
    expect(await ledger.countGate('digest', run)).toBe(1);
    expect(await ledger.countGate('digest', run)).toBe(1);
    expect(await ledger.countGate('digest', { ...run, runId: 'r2' })).toBe(2);
    expect(await ledger.wasSent('key')).toBe(false);
    await ledger.markSent('key');
    await ledger.markSent('key');
    expect(await ledger.wasSent('key')).toBe(true);
  });

  test('runs are found by the instant that they are for, whatever its offset; those for none, and of others, are not', async () => {
    const ledger = await open();
    const record = (id: string, nominalDate: string | undefined, changes: Partial<RunRecord> = {}) =>
      ledger.recordRun({ ...runRecord(id, 'r', 'stopped'), ...(nominalDate && { nominalDate }), ...changes });
    await record('late', '2026-02-01T00:00:00+01:00', { startedAt: '2026-11-21T12:00:00.000Z' });
    await record('early', '2026-01-31T23:00:00Z');
    await record('before', '2026-01-31T22:59:59Z');
    await record('after', '2026-02-01T00:00:00Z');
    await record('undated', undefined);
    await record('other', '2026-01-31T23:00:00Z', { pipeline: 'fraud' });
    const found = await ledger.listNominalRuns({
      pipeline: 'churn',
      from: '2026-02-01T00:00:00+01:00',
      to: '2026-01-31T23:00:00Z',
    });
    const nominalDate = '2026-01-31T23:00:00.000Z';
    expect(found).toEqual([
      { workflowId: 'early', outcome: 'stopped', startedAt: '2026-11-21T10:00:00.000Z', nominalDate },
      { workflowId: 'late', outcome: 'stopped', startedAt: '2026-11-21T12:00:00.000Z', nominalDate },
    ]);
    expect((await ledger.findRun('late'))?.nominalDate).toBe(nominalDate);
    expect((await ledger.findRun('undated'))?.nominalDate).toBeUndefined();
  });
}

function runRecord(workflowId: string, runId: string, outcome: string): RunRecord {
  return {
    workflowId,
    runId,
    pipeline: 'churn',
    outcome,
    startedAt: '2026-11-21T10:00:00.000Z',
    status: {
      pipeline: 'churn',
      workflowId,
      runId,
      state: 'running',
      reasons: [],
      stages: [],
      candidates: [],
    },
  };
}

function deadLetter(id: string, changes: object = {}) {
  return {
    id,
    kind: 'file' as const,
    pipeline: 'churn',
    code: 'EVENT_INVALID',
    message: 'an empty file',
    input: 'data/incoming/day-3.csv',
    occurredAt: '2026-11-21T00:00:00.000Z',
    ...changes,
  };
}
