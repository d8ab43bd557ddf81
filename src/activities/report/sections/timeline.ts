/** When what ran, and for how long. */
import { formatDuration } from '../../../contracts/quantities';
import type { CandidateStatus, StageStatus } from '../../../contracts/runs';
import { gantt, type GanttBar } from '../charts/gantt';
import { secondsBetween } from '../format';
import { html, type Html } from '../html';
import type { ReportData } from '../report-data';
import { figure, section, table } from './parts';

const STAGE_WORDS: Readonly<Record<StageStatus['state'], string>> = {
  pending: '· not reached',
  running: '… under way',
  done: '✓ done',
  cached: '✓ from cache',
  failed: '✗ failed',
  skipped: '· skipped',
  cancelled: '■ cancelled',
};

/** See the file's head. Undefined where the run did not get so far. */
export function timelineSection({ run }: ReportData): Html | undefined {
  const { status, startedAt, endedAt } = run;
  // The report itself is never done while it is written.
  const stages = status.stages.filter(({ stage }) => stage !== 'report');
  const started = stages.filter((stage) => stage.startedAt !== undefined);
  if (started.length === 0) return undefined;
  const since = (moment: string | undefined): number => secondsBetween(startedAt, moment ?? endedAt) ?? 0;
  const bars = started.flatMap((stage): GanttBar[] => [
    {
      ...{ label: stage.stage, from: since(stage.startedAt), to: since(stage.endedAt), nested: false },
      state: stage.state === 'pending' || stage.state === 'skipped' ? 'done' : stage.state,
    },
    ...(stage.stage === 'train' ? status.candidates : []).flatMap((candidate): GanttBar[] =>
      candidate.startedAt === undefined
        ? []
        : [
            {
              ...{ label: candidate.name, from: since(candidate.startedAt), to: since(candidate.endedAt) },
              ...{ nested: true, state: barState(candidate.state) },
            },
          ],
    ),
  ]);
  const seconds = secondsBetween(startedAt, endedAt) ?? 0;
  return section(
    'timeline',
    'Timeline',
    `From start to report ${formatDuration(seconds)}. Outlined bars came from the cache: they were not done again.`,
    figure(
      'Stages, and the candidates of the training',
      gantt(
        `Timeline: ${bars.map(({ label, from, to }) => `${label} ${formatDuration(to - from)}`).join(', ')}`,
        bars,
        seconds,
      ),
      true,
    ),
    table<StageStatus>(
      'Stages of the run',
      [
        { title: 'Stage', rowHeader: true, cell: ({ stage }) => stage },
        {
          title: 'State',
          cell: ({ state }) =>
            html`<span class="state ${state === 'failed' ? 'bad-text' : ''}">${STAGE_WORDS[state]}</span>`,
        },
        {
          title: 'Took',
          number: true,
          cell: (stage) => {
            const took = secondsBetween(stage.startedAt, stage.endedAt);
            return took === undefined ? '–' : formatDuration(took);
          },
        },
        { title: 'What came of it', cell: ({ note }) => note ?? '' },
      ],
      stages,
    ),
  );
}

function barState(state: CandidateStatus['state']): GanttBar['state'] {
  return state === 'waiting' ? 'running' : state;
}
