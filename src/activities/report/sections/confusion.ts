/** Which class is taken for which: matrices of the winner and the champion, and of every candidate on request. For regression, how far off. */
import { residualBox } from '../charts/residual-box';
import { formatCount, formatNumber, formatShare } from '../format';
import { html, type Html } from '../html';
import type { ReportData } from '../report-data';
import { modelsDrawn, type DrawnModel, type DrawnRows } from './models-drawn';
import { figure, section, table } from './parts';

/** A matrix of more classes is no longer read. */
const MOST_CLASSES = 20;

/** The matrices. Undefined for regression, and before a model was measured. */
export function confusionSection(data: ReportData): Html | undefined {
  const drawn = modelsDrawn(data)
    .map((rows) => ({ ...rows, models: rows.models.filter(({ measurement }) => measurement.confusion) }))
    .filter(({ models, classes }) => models.length > 0 && classes.length <= MOST_CLASSES);
  const [first, ...others] = drawn;
  if (!first) return undefined;
  const [shown, hidden] =
    first.id === 'holdout'
      ? [first, others[0]]
      : [
          { ...first, models: first.models.slice(0, 1) },
          { ...first, models: first.models.slice(1) },
        ];
  return section(
    'confusion',
    'Confusion matrices',
    'Rows are what was true, columns what the model said; the share is of the row.',
    html`<div class="matrices">${shown.models.map((model) => matrix(shown, model))}</div>`,
    shown.models.map((model) => perClass(shown, model)),
    hidden !== undefined && hidden.models.length > 0
      ? html`<details>
          <summary>All candidates on validation</summary>
          <div class="matrices">${hidden.models.map((model) => matrix(hidden, model))}</div>
        </details>`
      : undefined,
  );
}

function matrix({ classes, where }: DrawnRows, { name, measurement }: DrawnModel): Html {
  const rows = (measurement.confusion ?? []).map((counts, index) => ({
    ...{ counts, index, actual: classes[index] ?? '' },
    total: counts.reduce((sum, count) => sum + count, 0),
  }));
  return html`<div
    class="scroll"
    role="region"
    tabindex="0"
    aria-label="Confusion matrix of ${name} ${where}"
  >
    <table class="confusion">
      <caption>
        ${name} ${where}
      </caption>
      <thead>
        <tr>
          <th scope="col">actual</th>
          ${classes.map((predicted) => html`<th scope="col" class="number">said ${predicted}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ counts, index, actual, total }) =>
            html`<tr>
              <th scope="row">${actual}</th>
              ${counts.map((count, column) => {
                const share = total === 0 ? 0 : count / total;
                return html`<td
                  class="${column === index ? 'right' : 'wrong'}"
                  style="--share: ${share.toFixed(3)}"
                >
                  ${formatCount(count)}<span class="bounds">${formatShare(share)}</span>
                </td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function perClass({ where }: DrawnRows, { name, measurement }: DrawnModel): Html | undefined {
  if (!measurement.perClass) return undefined;
  type ClassRow = NonNullable<typeof measurement.perClass>[number];
  return table<ClassRow>(
    `Each class: ${name} ${where}`,
    [
      { title: 'Class', rowHeader: true, cell: (row) => row.name },
      { title: 'Rows', number: true, cell: ({ rows }) => formatCount(rows) },
      { title: 'Precision', number: true, cell: ({ precision }) => formatNumber(precision) },
      { title: 'Recall', number: true, cell: ({ recall }) => formatNumber(recall) },
      { title: 'F1', number: true, cell: ({ f1 }) => formatNumber(f1) },
    ],
    measurement.perClass,
  );
}

/** How far off the predictions of a regression are, a box a model. Undefined for classes, and before a model was measured. */
export function residualsSection(data: ReportData): Html | undefined {
  const drawn = modelsDrawn(data)
    .map((rows) => ({ ...rows, models: rows.models.filter(({ measurement }) => measurement.residuals) }))
    .filter(({ models }) => models.length > 0);
  if (drawn.length === 0) return undefined;
  return section(
    'residuals',
    'How far predictions are off',
    'True value minus predicted value. The box holds the middle half of all rows, the line nine tenths; the rings are the extremes.',
    drawn.map(({ where, models }) =>
      figure(
        `Residuals ${where}`,
        residualBox(
          `Residuals ${where}`,
          models.map(({ name, kind, measurement }) => ({
            name,
            kind,
            quantiles: measurement.residuals ?? [],
          })),
        ),
        true,
      ),
    ),
  );
}
