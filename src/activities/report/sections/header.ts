/** The head of the page: which pipeline, how it ended and why, in plain words. */
import { formatDuration } from '../../../contracts/quantities';
import { inTableOrder } from '../comparison';
import { formatNumber, formatRange, formatTime, secondsBetween } from '../format';
import { html, link, type Html } from '../html';
import { outcomeOf } from '../outcome';
import type { ReportData } from '../report-data';
import { facts, metricHead, sentences } from './parts';

/** See the file's head; every run has it. */
export function headerSection(data: ReportData): Html {
  const { run, spec, origin } = data;
  const { status } = run;
  const outcome = outcomeOf(status);
  const seconds = secondsBetween(run.startedAt, run.endedAt);
  const { error } = status;
  return html`<header>
    <p class="kicker">Millrace run report</p>
    <h1>${status.pipeline}</h1>
    ${spec?.description !== undefined ? html`<p class="description">${spec.description}</p>` : undefined}
    <div class="outcome ${outcome.tone}">
      <p class="verdict">
        <span class="mark" aria-hidden="true">${outcome.mark}</span>
        <strong>${outcome.word}</strong> ${outcome.sentence}
      </p>
      ${
        error
          ? html`<dl class="failure">
              <div>
                <dt>What</dt>
                <dd><code>${error.code}</code> <span class="message">${error.message}</span></dd>
              </div>
              ${
                error.where !== undefined
                  ? html`<div>
                      <dt>Where</dt>
                      <dd class="message">${error.where}</dd>
                    </div>`
                  : undefined
              }
              <div>
                <dt>What to do</dt>
                <dd class="message">${error.mend ?? outcome.next}</dd>
              </div>
            </dl>`
          : undefined
      }
      ${sentences(reasonsOf(data))}
      ${!error && outcome.next !== undefined ? html`<p class="next">${outcome.next}</p>` : undefined}
    </div>
    ${keyFigures(data)}
    ${facts([
      ['Run', html`<code>${status.workflowId}</code>`],
      ['Started', html`<time datetime="${run.startedAt}">${formatTime(run.startedAt)}</time>`],
      ['Took', seconds === undefined ? undefined : formatDuration(seconds)],
      ['Winner', status.winner],
      [
        'Model',
        status.model &&
          `${status.model.name}${status.model.version !== undefined ? ` version ${status.model.version}` : ''}`,
      ],
      [
        'Endpoint',
        status.model?.endpoint !== undefined && link(status.model.endpoint, status.model.endpoint),
      ],
      [
        'Champion before',
        status.champion &&
          `version ${status.champion.version}${status.champion.comparable ? '' : ', not comparable'}`,
      ],
      ['Owner', spec?.owner],
      ['Commit', origin?.gitCommit !== undefined && html`<code>${origin.gitCommit.slice(0, 12)}</code>`],
      [
        'Sample',
        origin?.sample !== undefined &&
          `about ${origin.sample.toLocaleString('en-US')} rows: not the whole data`,
      ],
    ])}
    <p class="links">
      ${status.mlflow ? html`${link(status.mlflow.url, 'Run in MLflow')} ` : undefined}${link(data.workflowUrl, 'Workflow in Temporal')}
    </p>
  </header>`;
}

/** Why it ended so, each reason once: an error stands above them, and a reject names the rules that are broken. */
function reasonsOf({ run }: ReportData): string[] {
  const { status, gate } = run;
  const broken =
    status.outcome === 'rejected'
      ? (gate?.reasons ?? []).filter(({ passed }) => !passed).map(({ text }) => text)
      : [];
  const message = status.error?.message;
  return [...new Set([...status.reasons, ...broken])].filter(
    (reason) => message === undefined || !reason.includes(message),
  );
}

/** The winner in a few numbers: the metric that chose it, and what it came to on the hold-out. */
function keyFigures(data: ReportData): Html | undefined {
  const { run, holdout, evaluations } = data;
  const winner = run.status.winner === undefined ? undefined : evaluations[run.status.winner];
  const measurement = holdout?.challenger ?? winner?.validation;
  if (!measurement) return undefined;
  const where = holdout ? 'hold-out' : 'validation';
  const asked = (data.spec?.evaluation.gate ?? []).map(({ metric }) => metric);
  const names = new Set([
    ...(winner ? [winner.selectBy] : []),
    ...asked,
    ...inTableOrder(Object.keys(measurement.metrics)),
  ]);
  const shown = [...names].filter((name) => measurement.metrics[name]).slice(0, 4);
  return html`<ul class="figures">
    ${shown.map((name) => {
      const { value = null, lower = null, upper = null } = measurement.metrics[name] ?? {};
      return html`<li>
        <span class="name">${metricHead(name)}</span>
        <span class="big">${formatNumber(value)}</span>
        <span class="bounds"
          >${lower !== null && upper !== null ? `${formatRange(lower, upper)} on ${where}` : `on ${where}`}</span
        >
      </li>`;
    })}
  </ul>`;
}
