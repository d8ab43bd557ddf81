/** Winner and champion on the rows that neither was trained or chosen on. */
import type { ReportData } from '../report-data';
import { inTableOrder } from '../comparison';
import type { HoldoutEvaluation } from '../../../contracts/evaluation-document';
import { intervalChart, type IntervalRow } from '../charts/interval-chart';
import { formatCount, formatShort, NOTHING } from '../format';
import { html, type Html } from '../html';
import { figure, measured, metricHead, metricTitle, section, table, warning } from './parts';

/** A hold-out that has decided this often has been fitted to, a little, by every decision. */
const OFTEN_GATED = 10;

/** See the file's head. Undefined where the run did not get so far. */
export function holdoutSection(data: ReportData): Html | undefined {
  const { run, holdout, evaluations } = data;
  if (!holdout) return undefined;
  const { challenger, champion, summary, notComparable, confidence } = holdout;
  const selectBy = Object.values(evaluations)[0]?.selectBy;
  const metrics = inTableOrder(Object.keys(challenger.metrics), selectBy);
  return section(
    'holdout',
    'Winner on the hold-out',
    html`${formatCount(challenger.rows)} rows that no candidate was trained or chosen on. Below each value its
    ${Math.round(confidence * 1000) / 10} % interval, by
    bootstrap.${
      champion && summary.comparableRows !== undefined
        ? ` The champion was scored again on ${formatCount(summary.comparableRows)} of them, which its own training did not see.`
        : undefined
    }
    ${run.timesGated === undefined ? undefined : html`This hold-out has gated <strong>${timesOf(run.timesGated)}</strong>, this run included.`}`,
    run.timesGated !== undefined && run.timesGated >= OFTEN_GATED
      ? warning(
          'Each decision fits the models to the hold-out a little, so that its figures become too good. Draw another one: split.seed in the pipeline file, with new data where there is some.',
        )
      : undefined,
    notComparable !== undefined ? warning(`The champion was not compared: ${notComparable}`) : undefined,
    differenceChart(data),
    html`<div class="${champion ? 'wide' : 'narrow'}">
      ${table(
        'Metrics on the hold-out',
        [
          { title: 'Metric', rowHeader: true, cell: (name: string) => metricHead(name) },
          { title: challenger.name, number: true, cell: (name) => measured(challenger.metrics[name]) },
          ...(champion
            ? [
                {
                  title: `champion version ${champion.version}`,
                  number: true,
                  cell: (name: string) => measured(champion.metrics[name]),
                },
                {
                  title: 'difference',
                  number: true,
                  cell: (name: string) => measured(summary.difference?.[name]),
                },
              ]
            : []),
        ],
        metrics,
      )}
    </div>`,
    businessTable(holdout),
  );
}

/** The paired differences that were measured, around nothing. */
function differenceChart({ holdout }: ReportData): Html | undefined {
  const difference = holdout?.summary.difference ?? {};
  const names = inTableOrder(Object.keys(difference));
  const rows = names.flatMap((name): IntervalRow[] => {
    const interval = difference[name];
    return interval ? [{ label: metricTitle(name), marks: [{ name, kind: 'winner', interval }] }] : [];
  });
  const title = 'Difference: winner less champion';
  const chart = rows.length === 0 ? undefined : intervalChart(title, rows, 0);
  return chart && figure(title, chart, true);
}

function businessTable({ challenger, champion }: HoldoutEvaluation): Html | undefined {
  const names = Object.keys(challenger.business);
  if (names.length === 0) return undefined;
  return html`<div class="narrow">
    ${table(
      'Business metrics on the hold-out',
      [
        { title: 'Metric', rowHeader: true, cell: (name: string) => name },
        { title: challenger.name, number: true, cell: (name) => formatBusiness(challenger.business[name]) },
        ...(champion
          ? [
              {
                title: `champion version ${champion.version}`,
                number: true,
                cell: (name: string) => formatBusiness(champion.business[name]),
              },
            ]
          : []),
      ],
      names,
    )}
  </div>`;
}

function formatBusiness(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : formatShort(value);
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${formatCount(count)} times`;
}
