/** What has changed between two looks at a run, as plain lines: for a log, where nothing can be drawn over. */
import { waitingInWords } from '../../contracts/waiting-in-words';
import type { RunPicture } from './run';
import { candidateLine, stageLine } from './run';
import { PLAIN } from './style';

/** Lines for the stages and candidates that ended, began to run or failed since `before`. */
export function changeLines(before: RunPicture | undefined, after: RunPicture, now: Date): string[] {
  const columns = Math.max(...after.status.candidates.map(({ name }) => name.length), 8);
  const candidates = after.status.candidates.flatMap((candidate, index) => {
    const known = before?.status.candidates[index];
    const isSame = known?.state === candidate.state && known.waiting?.for === candidate.waiting?.for;
    if (isSame || candidate.state === 'waiting') return [];
    return [candidateLine(candidate, after.progress[candidate.name], now, columns, PLAIN)];
  });
  const { waiting } = after.status;
  const waits =
    waiting === undefined || before?.status.waiting?.for === waiting.for ? [] : [waitingInWords(waiting)];
  const stages = after.status.stages.flatMap((stage, index) => {
    const known = before?.status.stages[index]?.state ?? 'pending';
    const told = stage.state === 'running' && stage.stage !== 'train' ? 'pending' : stage.state;
    const own =
      known === stage.state || told === 'pending' || told === 'skipped' ? [] : [stageLine(stage, now, PLAIN)];
    if (stage.stage !== 'train') return own;
    return stage.state === 'running' ? [...own, ...candidates] : [...candidates, ...own];
  });
  return [...stages, ...waits];
}
