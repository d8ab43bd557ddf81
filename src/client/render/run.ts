/** A run as people read it: stages with ticks, candidates with bars. Pure: the same view and moment give the same lines. */
import { causeInWords } from '../../contracts/events';
import { formatDuration } from '../../contracts/quantities';
import type { CandidateStatus, JobHeartbeat, RunStatus, StageStatus } from '../../contracts/runs';
import { waitingInWords } from '../../contracts/waiting-in-words';
import type { Style } from './style';
import { pad } from './table';

const STAGE_COLUMNS = 10;
const BAR_COLUMNS = 20;

/** What is drawn. */
export interface RunPicture {
  readonly status: RunStatus;
  readonly progress: Readonly<Record<string, JobHeartbeat>>;
}

/** All lines of a run: its stages, below the training its candidates. */
export function runLines({ status, progress }: RunPicture, now: Date, style: Style): string[] {
  const columns = Math.max(...status.candidates.map(({ name }) => name.length), 8);
  const waits = waitingLines(status, now, style);
  const lines = status.stages.flatMap((stage) => [
    stageLine(stage, now, style, stage.stage === 'dataset' ? progress.features : undefined),
    ...(stage.stage === 'train'
      ? status.candidates.map((one) => candidateLine(one, progress[one.name], now, columns, style))
      : []),
  ]);
  return [...lines, ...waits];
}

/** What the run as a whole waits for, and that it will pause. */
export function waitingLines({ waiting, held }: RunStatus, now: Date, style: Style): string[] {
  if (waiting !== undefined)
    return [style.busy(waitingInWords(waiting)) + style.faint(`  ${sinceText(waiting.since, now)}`)];
  if (held === undefined) return [];
  return [style.busy(`pauses at the end of this stage: held by ${held.by}`)];
}

function sinceText(moment: string, now: Date): string {
  return formatDuration(Math.max(0, now.getTime() - Date.parse(moment)) / 1000);
}

/** `✓ validate   21 rules hold   0.6s`. */
export function stageLine(stage: StageStatus, now: Date, style: Style, heartbeat?: JobHeartbeat): string {
  const doing = heartbeat === undefined ? '…' : runningText(heartbeat, style);
  const note = stage.note ?? (stage.state === 'running' ? doing : '');
  const time = durationOf(stage, now);
  const cached = stage.state === 'cached' ? style.faint(' (cached)') : '';
  const name = pad(stage.stage, STAGE_COLUMNS);
  const text = stage.state === 'pending' || stage.state === 'skipped' ? style.faint(name) : name;
  return `${markOf(stage.state, style)} ${text} ${note}${cached}${time === '' ? '' : `  ${style.faint(time)}`}`.trimEnd();
}

/** One candidate with its bar while it runs, its metric when it is measured, the reason when it failed. */
export function candidateLine(
  candidate: CandidateStatus,
  heartbeat: JobHeartbeat | undefined,
  now: Date,
  columns: number,
  style: Style,
): string {
  const name = pad(candidate.name, columns);
  const time = durationOf(candidate, now);
  const attempts = (candidate.attempts ?? 1) > 1 ? `, ${candidate.attempts ?? 1} attempts` : '';
  const parts = [
    candidate.waiting !== undefined
      ? style.busy(waitingInWords(candidate.waiting))
      : candidate.state === 'running'
        ? runningText(heartbeat, style)
        : '',
    candidate.metric === undefined
      ? ''
      : `${candidate.metric.name} ${figure(candidate.metric.value)}${candidate.state === 'cached' ? style.faint(' (cached)') : ''}${attempts}`,
    candidate.error === undefined
      ? ''
      : style.bad(`${candidate.error.code}: ${firstLine(candidate.error.message)}`),
    style.faint(candidate.state === 'waiting' ? 'waiting' : time),
  ];
  return `    ${markOf(candidate.state, style)} ${name} ${parts.filter((part) => part !== '').join('  ')}`.trimEnd();
}

/** `━━━━━━━─────────────  34%`. */
function bar(fraction: number, style: Style): string {
  const share = Math.min(1, Math.max(0, fraction));
  const full = Math.round(share * BAR_COLUMNS);
  return `${style.busy('━'.repeat(full))}${style.faint('─'.repeat(BAR_COLUMNS - full))} ${String(Math.round(share * 100)).padStart(3)}%`;
}

/** What started the run, and for when; nothing where a person did, for now. */
export function causeLines({ cause, nominalDate }: RunStatus): string[] {
  return [
    ...(cause === undefined ? [] : [`  started by ${causeInWords(cause)}`]),
    ...(cause?.upstream ?? []).map((workflowId) => `    after ${workflowId}`),
    ...(nominalDate === undefined ? [] : [`  for ${nominalDate}`]),
  ];
}

/** How the run ended, or stands, with its reasons. */
export function endLines(status: RunStatus, style: Style): string[] {
  const { outcome, model, reasons, error } = status;
  if (status.state === 'awaiting-approval')
    return [
      style.busy(`awaits approval${model?.version === undefined ? '' : ` of version ${model.version}`}`),
    ];
  if (outcome === undefined) return [];
  const word = outcome === 'failed' || outcome === 'rejected' ? style.bad(outcome) : style.good(outcome);
  const what = [
    status.winner === undefined ? '' : `winner ${style.strong(status.winner)}`,
    model?.version === undefined ? '' : `${model.name} version ${model.version}`,
    model?.endpoint ?? '',
  ].filter((part) => part !== '');
  return [
    [word, ...what].join(', '),
    ...reasons.map((reason) => `  ${reason}`),
    ...lostCandidates(status, style),
    ...(error === undefined
      ? []
      : [
          `  ${style.bad(error.code)}: ${error.message}`,
          ...(error.where === undefined ? [] : [`    at ${error.where}`]),
          ...(error.mend === undefined ? [] : [`    ${error.mend}`]),
        ]),
  ];
}

/** A run goes on without a candidate that failed, and must not be silent about it. */
function lostCandidates({ candidates, outcome, workflowId }: RunStatus, style: Style): string[] {
  if (outcome === 'failed') return [];
  return candidates
    .filter(({ state }) => state === 'failed')
    .map(
      ({ name, error }) =>
        `  ${style.bad(`without ${name}`)}, which failed: ${error?.code ?? ''}; see millrace logs ${workflowId} ${name}`,
    );
}

/** Four places, or a dash where there is no figure. */
export function figure(value: number | null | undefined): string {
  return value == null ? '–' : value.toFixed(4);
}

/** Of what a job says of itself, so that a line stays one. */
const MOST_WORDS = 120;

function runningText(heartbeat: JobHeartbeat | undefined, style: Style): string {
  if (heartbeat === undefined) return style.faint('starting');
  const metrics = Object.entries(heartbeat.metrics ?? {})
    .slice(0, 2)
    .map(([name, value]) => `${name} ${figure(value)}`);
  // Before it has told of any progress, what it waits for says more than that it runs.
  const what =
    heartbeat.fraction === undefined
      ? (heartbeat.message?.slice(0, MOST_WORDS) ?? heartbeat.phase)
      : bar(heartbeat.fraction, style);
  const attempt = heartbeat.attempt > 1 ? [`attempt ${heartbeat.attempt}`] : [];
  return [what, ...metrics, ...attempt].join('  ');
}

function durationOf(
  span: { readonly startedAt?: string | undefined; readonly endedAt?: string | undefined },
  now: Date,
): string {
  if (span.startedAt === undefined) return '';
  const end = span.endedAt === undefined ? now.getTime() : Date.parse(span.endedAt);
  return formatDuration(Math.max(0, end - Date.parse(span.startedAt)) / 1000);
}

function markOf(state: StageStatus['state'] | CandidateStatus['state'], style: Style): string {
  if (state === 'done' || state === 'cached') return style.good('✓');
  if (state === 'failed' || state === 'cancelled') return style.bad('✗');
  return state === 'running' ? style.busy('●') : style.faint('·');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
