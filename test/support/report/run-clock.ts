/** When the stages of a made-up run began and ended. */
import { STAGES, type StageStatus } from '../../../src/contracts/runs';

const START = Date.parse('2026-11-21T12:30:15.000Z');

/** ISO 8601 moment so many seconds after the run began. */
export function after(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

/** All stages done, one after the other; `seconds` each. */
export function stagesOf(
  seconds: readonly number[],
  notes: Partial<Record<string, string>> = {},
): StageStatus[] {
  let clock = 0;
  return STAGES.map((stage, index): StageStatus => {
    const startedAt = after(clock);
    clock += seconds[index] ?? 1;
    const note = notes[stage];
    return {
      stage,
      state: stage === 'report' ? 'running' : stage === 'dataset' ? 'cached' : 'done',
      startedAt,
      ...(stage !== 'report' && { endedAt: after(clock) }),
      ...(note !== undefined && { note }),
    };
  });
}
