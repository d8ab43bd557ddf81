// Catches a gate over many slices that fills a run's history, or that hides a broken rule behind those that hold.
import type { GateReason } from '../../../src/contracts/gate';
import { reasonsInBrief } from '../../../src/contracts/gate-in-brief';

const rule = { metric: 'recall', min: 0.5, slice: 'region', minRows: 30 } as const;

function reason(kind: 'broken' | 'holds' | 'skipped', text: string): GateReason {
  return { rule, passed: kind !== 'broken', skipped: kind === 'skipped', observed: null, bound: 0.5, text };
}

function many(kind: Parameters<typeof reason>[0], count: number): GateReason[] {
  return Array.from({ length: count }, (_, index) => reason(kind, `${kind} ${index}`));
}

it('leaves few reasons as they are', () => {
  const reasons = [...many('holds', 8), ...many('broken', 8)];
  expect(reasonsInBrief(reasons).map(({ text }) => text)).toEqual(reasons.map(({ text }) => text));
});

it('keeps what is broken, in the order of the rules, and counts the rest by kind', () => {
  const reasons = [...many('skipped', 20), ...many('holds', 20), ...many('broken', 10)];
  const brief = reasonsInBrief(reasons);
  expect(brief.map(({ text }) => text)).toEqual([
    ...many('holds', 6).map(({ text }) => text),
    ...many('broken', 10).map(({ text }) => text),
    "14 more hold: see the hold-out's figures.",
    "20 more were not judged: see the hold-out's figures.",
  ]);
  expect(brief.slice(-2).map(({ passed, skipped }) => [passed, skipped])).toEqual([
    [true, false],
    [true, true],
  ]);
});

it('says that more is broken where not all of it is shown', () => {
  const brief = reasonsInBrief(many('broken', 50));
  expect(brief).toHaveLength(17);
  expect(brief.at(-1)).toEqual({
    passed: false,
    skipped: false,
    text: "34 more do not hold: see the hold-out's figures.",
  });
});

it('is small, whatever the values of a slice are', () => {
  const endless = Array.from({ length: 500 }, () => reason('broken', 'x'.repeat(100_000)));
  expect(JSON.stringify(reasonsInBrief(endless)).length).toBeLessThan(5000);
});
