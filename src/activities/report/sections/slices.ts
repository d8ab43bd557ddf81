/** The metrics among rows alike: where a model is good on the whole and bad for some. */
import type { Measurement } from '../../../contracts/evaluation-document';
import { intervalChart, type IntervalRow } from '../charts/interval-chart';
import { legend } from '../charts/series';
import { inTableOrder } from '../comparison';
import { formatCount } from '../format';
import { html, type Html } from '../html';
import type { ReportData } from '../report-data';
import { legendOf, modelsDrawn, type DrawnModel, type DrawnRows } from './models-drawn';
import { figure, measured, metricHead, metricTitle, section, table } from './parts';

/** More values of a column, and more metrics, are not read; all of them are in the artifact. */
const MOST_VALUES = 30;
const MOST_METRICS = 5;

type Slice = Measurement['slices'][string][string];

/** See the file's head. Undefined where the run did not get so far. */
export function slicesSection(data: ReportData): Html | undefined {
  const rows = modelsDrawn(data).find(({ models }) => Object.keys(winnerOf(models)?.slices ?? {}).length > 0);
  const winner = rows && winnerOf(rows.models);
  if (!rows || !winner) return undefined;
  const selectBy = Object.values(data.evaluations)[0]?.selectBy;
  const gate = data.spec?.evaluation.gate ?? [];
  return section(
    'slices',
    'Slices',
    `The winner among rows with the same value, ${rows.where}. Wide intervals mean few rows, not a bad model.`,
    Object.entries(winner.slices).map(([column, values]) => {
      const asked = gate.filter(({ slice }) => slice === column);
      const first = asked[0]?.metric ?? selectBy;
      const names = inTableOrder(
        [...new Set(Object.values(values).flatMap(({ metrics }) => Object.keys(metrics)))],
        first,
      ).slice(0, MOST_METRICS);
      const largest = Object.entries(values).sort(([, a], [, b]) => b.rows - a.rows);
      const shown = largest.slice(0, MOST_VALUES);
      return html`<h3>${column}</h3>
        ${names[0] === undefined ? undefined : drawing(rows, column, names[0], shown, asked)}
        ${table<[string, Slice]>(
          `${column}: the winner ${rows.where}`,
          [
            { title: column, rowHeader: true, cell: ([value]) => (value === '' ? '(empty)' : value) },
            { title: 'Rows', number: true, cell: ([, slice]) => formatCount(slice.rows) },
            ...names.map((name) => ({
              ...{ title: metricHead(name), number: true },
              cell: ([, slice]: [string, Slice]) => measured(slice.metrics[name]),
            })),
          ],
          shown,
        )}
        ${largest.length > MOST_VALUES ? html`<p class="quiet">The ${MOST_VALUES} values with most rows, of ${largest.length}.</p>` : undefined}`;
    }),
  );
}

function drawing(
  { models, where }: DrawnRows,
  column: string,
  metric: string,
  values: readonly [string, Slice][],
  rules: readonly { metric: string; min?: number | undefined; max?: number | undefined }[],
): Html | undefined {
  const compared = models.filter(({ kind }) => kind !== 'other');
  const title = metricTitle(metric);
  const bounds = rules.flatMap((rule) => {
    const value = rule.metric === metric ? (rule.min ?? rule.max) : undefined;
    return value === undefined ? [] : [{ value, text: `the gate asks for ${value}` }];
  });
  const rows = values.map(([value]): IntervalRow => ({
    label: value === '' ? '(empty)' : value,
    marks: compared.flatMap(({ name, kind, measurement }) => {
      const interval = measurement.slices[column]?.[value]?.metrics[metric];
      return interval ? [{ name, kind, interval }] : [];
    }),
    bounds,
  }));
  const chart = intervalChart(`${title} by ${column} ${where}`, rows);
  if (!chart) return undefined;
  return html`${legend(legendOf(compared, 'mark'))}${figure(`${title} by ${column}`, chart, true)}`;
}

function winnerOf(models: readonly DrawnModel[]): Measurement | undefined {
  return models.find(({ kind }) => kind === 'winner')?.measurement;
}
