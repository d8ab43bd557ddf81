/** Small pieces that several sections use. */
import { describeMetric } from '../../../contracts/metrics';
import type { Interval } from '../../../contracts/steps';
import { formatCount, formatNumber, formatRange, formatShare } from '../format';
import { html, type Html, type HtmlValue } from '../html';

/** A titled section with an anchor; `lead` says in a sentence how to read it. */
export function section(id: string, title: string, lead: HtmlValue, ...body: readonly HtmlValue[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${lead ? html`<p class="lead">${lead}</p>` : undefined} ${body}
  </section>`;
}

/** One column of a table. */
export interface Column<Row> {
  readonly title: HtmlValue;
  readonly cell: (row: Row) => HtmlValue;
  /** Aligned to the right, with figures of equal width. */
  readonly number?: boolean;
  /** Said of the cells of a column that stands out. */
  readonly className?: string | undefined;
  /** The cell names its row. */
  readonly rowHeader?: boolean;
}

/** A table with a caption that scrolls in itself where the page is too narrow. */
export function table<Row>(
  caption: HtmlValue,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  rowClass: (row: Row) => string | undefined = () => undefined,
): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" ${numberClass(column)}>${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr${classOf(rowClass(row))}>${columns.map((column) => cellOf(column, row))}</tr>
`,
        )}
      </tbody>
    </table>
  </div>`;
}

function cellOf<Row>(column: Column<Row>, row: Row): Html {
  return column.rowHeader === true
    ? html`<th scope="row">${column.cell(row)}</th>`
    : html`<td${numberClass(column)}>${column.cell(row)}</td>`;
}

function numberClass({ number, className }: Pick<Column<never>, 'number' | 'className'>): Html | undefined {
  const names = [number === true ? 'number' : undefined, className].filter((name) => name !== undefined);
  return names.length === 0 ? undefined : classOf(names.join(' '));
}

function classOf(name: string | undefined): Html | undefined {
  return name === undefined ? undefined : html` class="${name}"`;
}

/** Terms and what is said of them; entries without a value are left out. `wide` gives each a line of its own. */
export function facts(
  entries: readonly (readonly [term: string, value: HtmlValue])[],
  form: 'grid' | 'wide' = 'grid',
): Html {
  return html`<dl class="facts${form === 'wide' ? ' wide' : ''}">
    ${entries
      .filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '')
      .map(
        ([term, value]) =>
          html`<div>
            <dt>${term}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
  </dl>`;
}

/** A value with the bounds of its interval below. */
export function measured(interval: Interval | undefined): Html {
  if (interval === undefined) return html`<span class="quiet">–</span>`;
  const { value, lower, upper } = interval;
  const bounds =
    lower !== null && upper !== null
      ? html`<span class="bounds">${formatRange(lower, upper)}</span>`
      : undefined;
  return html`<span class="value">${formatNumber(value)}</span>${bounds}`;
}

/** A metric's name as a person reads it. */
export function metricTitle(name: string): string {
  return describeMetric(name)?.title ?? name;
}

/** `ROC AUC ↑`: the name, and which way is better. */
export function metricHead(name: string): Html {
  const direction = describeMetric(name)?.direction;
  if (direction === undefined) return html`${metricTitle(name)}`;
  return direction === 'higher'
    ? html`${metricTitle(name)} <abbr title="higher is better">↑</abbr>`
    : html`${metricTitle(name)} <abbr title="lower is better">↓</abbr>`;
}

/** A list of sentences; nothing when there are none. */
export function sentences(items: readonly HtmlValue[], kind = 'sentences'): Html | undefined {
  return items.length === 0
    ? undefined
    : html`<ul class="${kind}">
        ${items.map((item) => html`<li>${item}</li>`)}
      </ul>`;
}

/** A remark that must not be overlooked. */
export function warning(text: HtmlValue): Html {
  return html`<p class="warning"><strong>Note.</strong> ${text}</p>`;
}

/** A drawing with a caption; one that keeps its size scrolls in itself where the page is too narrow to read it. */
export function figure(caption: HtmlValue, drawing: HtmlValue, scrolls = false): Html {
  return html`<figure>
    ${caption ? html`<figcaption>${caption}</figcaption>` : undefined}
    ${scrolls ? html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">${drawing}</div>` : drawing}
  </figure>`;
}

/** Parts of a whole as one bar and, since a bar says little to a screen reader, as a list. */
export function shares(parts: readonly { readonly name: string; readonly rows: number }[]): Html {
  const total = parts.reduce((sum, { rows }) => sum + rows, 0) || 1;
  return html`<div class="shares" aria-hidden="true">
      ${parts.map(
        ({ name, rows }, index) =>
          html`<span class="part${index}" style="flex: ${rows / total} 1 0"><b>${name}</b></span>`,
      )}
    </div>
    <ul class="share-list">
      ${parts.map(({ name, rows }) => html`<li><strong>${name}</strong> ${formatCount(rows)} <span class="quiet">${formatShare(rows / total)}</span></li>`)}
    </ul>`;
}
