/** How a run ended, in plain words. */
import type { RunStatus } from '../../contracts/runs';

/** What the head of the page says. */
export interface OutcomeWords {
  readonly word: string;
  readonly sentence: string;
  /** Stands beside the word, so that colour says nothing alone. */
  readonly mark: string;
  readonly tone: 'good' | 'neutral' | 'caution' | 'bad';
  /** What a person does now, where there is something to do. */
  readonly next?: string;
}

/** Words for every outcome; a run that has not ended says so. */
export function outcomeOf(status: RunStatus): OutcomeWords {
  const winner = status.winner ?? 'the winner';
  const version = status.model?.version === undefined ? '' : ` version ${status.model.version}`;
  const model = status.model ? `${status.model.name}${version}` : 'a model';
  switch (status.outcome) {
    case 'deployed':
      return {
        word: 'Deployed.',
        sentence: `${winner} passed the gate and serves as ${model}.`,
        mark: '✓',
        tone: 'good',
      };
    case 'registered':
      return {
        word: 'Registered.',
        sentence: `${winner} passed the gate and is registered as ${model}; it does not serve.`,
        mark: '✓',
        tone: 'good',
      };
    case 'published':
      return {
        word: 'Published.',
        sentence: 'The data set is published; who waits for it has been told.',
        mark: '✓',
        tone: 'good',
      };
    case 'unchanged':
      return {
        word: 'Unchanged.',
        sentence: `${winner} is the very model that is in production already.`,
        mark: '=',
        tone: 'neutral',
      };
    case 'rejected':
      return {
        word: 'Rejected.',
        sentence: `${winner} was the best candidate, and did not go into production. What was there before stays.`,
        mark: '✗',
        tone: 'caution',
      };
    case 'cancelled':
      return {
        word: 'Cancelled.',
        sentence: 'The run was ended by a person or a program. What was in production before stays.',
        mark: '■',
        tone: 'neutral',
        next: `Start it again with millrace run ${status.pipeline}: finished steps are not repeated.`,
      };
    case 'stopped':
      return {
        word: 'Stopped.',
        sentence: 'The run ended where it was asked to. Nothing was released.',
        mark: '■',
        tone: 'neutral',
      };
    case 'failed':
      return {
        word: 'Failed.',
        sentence: `The run ended${failedStage(status)}. What was in production before stays.`,
        mark: '✗',
        tone: 'bad',
        next: `Mend the cause, then run millrace retry ${status.workflowId}: finished steps are not repeated.`,
      };
    case undefined:
      return { word: 'Running.', sentence: 'The run has not ended yet.', mark: '…', tone: 'neutral' };
  }
}

function failedStage({ stages }: RunStatus): string {
  const failed = stages.findLast(({ state }) => state === 'failed');
  return failed ? ` in the stage ${failed.stage}` : '';
}
