/** The comparison table: every candidate on validation. */
import { formatDuration } from '../../../contracts/quantities';
import { compareCandidates, type ComparedCandidate } from '../comparison';
import { formatShort, plural } from '../format';
import { html, type Html } from '../html';
import type { ReportData } from '../report-data';
import { measured, metricHead, metricTitle, section, sentences, table } from './parts';

const STATES: Readonly<Record<ComparedCandidate['state'], string>> = {
  waiting: '· not started',
  running: '… running',
  done: '✓ trained',
  cached: '✓ from cache',
  failed: '✗ failed',
  cancelled: '■ cancelled',
};

/** See the file's head. Undefined where the run did not get so far. */
export function candidatesSection(data: ReportData): Html | undefined {
  const { selectBy, metrics, candidates } = compareCandidates(data);
  if (candidates.length === 0) return undefined;
  const confidence = Object.values(data.evaluations)[0]?.confidence;
  const failures = candidates.filter(({ error }) => error !== undefined);
  return section(
    'candidates',
    'Candidates',
    selectBy === undefined
      ? 'No candidate was measured.'
      : html`Measured on the validation rows, which no candidate was trained on. ${metricTitle(selectBy)}
        chooses the
        winner.${
          confidence === undefined
            ? undefined
            : ` Below each value its ${Math.round(confidence * 1000) / 10} % interval, by bootstrap.`
        }`,
    table<ComparedCandidate>(
      'Candidates on validation, best first',
      [
        { title: 'Candidate', rowHeader: true, cell: nameCell },
        { title: 'State', cell: stateCell },
        ...metrics.map((name) => ({
          title: metricHead(name),
          number: true,
          className: name === selectBy ? 'chosen' : undefined,
          cell: (row: ComparedCandidate) => measured(row.metrics[name]),
        })),
      ],
      candidates,
      ({ winner }) => (winner ? 'winner' : undefined),
    ),
    sentences(
      failures.map(
        ({ name, error }) =>
          html`<strong>${name}</strong> <code>${error?.code}</code>
            <span class="message">${error?.message}</span>`,
      ),
      'failures',
    ),
  );
}

function nameCell({ name, trainer, winner }: ComparedCandidate): Html {
  return html`${name}${winner ? html` <span class="tag">★ winner</span>` : undefined}<span class="bounds"
      >${trainer}</span
    >`;
}

/** How it went, and below it how long, how often, and from which score on a row counts as positive. */
function stateCell({ state, seconds, attempts, threshold }: ComparedCandidate): Html {
  const effort = [
    seconds === undefined ? undefined : formatDuration(seconds),
    attempts !== undefined && attempts > 1 ? plural(attempts, 'attempt') : undefined,
  ].filter((text) => text !== undefined);
  return html`<span class="state ${state === 'failed' ? 'bad-text' : ''}">${STATES[state]}</span
    ><span class="bounds">${effort.join(', ')}</span
    >${threshold === null ? undefined : html`<span class="bounds">threshold ${formatShort(threshold)}</span>`}`;
}
