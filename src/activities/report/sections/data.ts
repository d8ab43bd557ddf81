/** The data: where it came from, how it was split, and what its columns hold. */
import type { ColumnProfile } from '../../../contracts/profile';
import { histogram } from '../charts/histogram';
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatShare,
  formatShort,
  NOTHING,
  plural,
  shorten,
} from '../format';
import { html, type Html, type HtmlValue } from '../html';
import type { ReportData } from '../report-data';
import { section, sentences, shares, table } from './parts';

/** See the file's head. Undefined where the run did not get so far. */
export function dataSection(data: ReportData): Html | undefined {
  const { profile, sources, split, warnings } = data;
  if (!profile && !sources && !split) return undefined;
  const files = Object.entries(sources ?? {}).flatMap(([source, list]) =>
    list.map((file) => ({ source, ...file })),
  );
  return section(
    'data',
    'Data',
    profile &&
      `${plural(profile.rows, 'row')}, ${plural(profile.columns.length, 'column')}; ${profile.duplicates === 0 ? 'no row repeats' : `${formatCount(profile.duplicates)} rows repeat`} another one in all columns but the key.`,
    files.length > 0
      ? html`<div class="narrow">
          ${table(
            'Files read',
            [
              { title: 'File', rowHeader: true, cell: ({ path }: (typeof files)[number]) => path },
              { title: 'Source', cell: ({ source }) => source },
              { title: 'Size', number: true, cell: ({ bytes }) => formatBytes(bytes) },
            ],
            files.slice(0, 50),
          )}
        </div>`
      : undefined,
    files.length > 50
      ? html`<p class="quiet">and ${formatCount(files.length - 50)} more files.</p>`
      : undefined,
    split &&
      html`<h3>Split${split.byTime ? ', by time: older rows train' : ''}</h3>
        ${shares([
          { name: 'train', rows: split.train },
          { name: 'validation', rows: split.validation },
          { name: 'hold-out', rows: split.holdout },
          ...(split.dropped > 0 ? [{ name: 'in the gap', rows: split.dropped }] : []),
        ])}`,
    profile?.label && profile.label.classes.length > 0
      ? html`<h3>Label ${profile.label.name}</h3>
          ${shares(profile.label.classes.map(({ name, count }) => ({ name, rows: count })))}`
      : undefined,
    sentences(warnings),
    profile && profileTable(profile.columns, profile.rows, profile.sampledRows),
  );
}

function profileTable(columns: readonly ColumnProfile[], rows: number, sampled: number): Html {
  return html`<h3>Profile</h3>
    ${table<ColumnProfile>(
      sampled < rows
        ? `Percentiles, histograms and frequent values are over ${formatCount(sampled)} rows`
        : 'Columns of the data set',
      [
        {
          title: 'Column',
          rowHeader: true,
          cell: ({ name, type }) => html`${name}<span class="bounds">${type}</span>`,
        },
        {
          title: 'Missing',
          number: true,
          cell: ({ missing }) =>
            missing === 0
              ? html`<span class="quiet">0</span>`
              : html`${formatCount(missing)}<span class="bounds"
                    >${formatShare(missing / Math.max(1, rows))}</span
                  >`,
        },
        {
          title: 'Distinct',
          number: true,
          cell: ({ distinct }) => `${distinct.exact ? '' : '≈ '}${formatCount(distinct.count)}`,
        },
        {
          title: 'Min',
          number: true,
          cell: ({ min, length }) => shown(min, length && `${length.min} chars`),
        },
        {
          title: 'Mean ± SD',
          number: true,
          cell: ({ mean, std, length }) =>
            mean === null
              ? shown(null, length && `${formatShort(Math.round(length.mean * 10) / 10)} chars`)
              : html`${brief(mean)}${std === null ? undefined : html`<span class="bounds">± ${brief(std)}</span>`}`,
        },
        { title: 'Median', number: true, cell: ({ percentiles }) => shown(percentiles?.['50'] ?? null) },
        {
          title: 'Max',
          number: true,
          cell: ({ max, length }) => shown(max, length && `${length.max} chars`),
        },
        { title: 'Distribution', cell: distribution },
      ],
      columns,
    )}`;
}

function distribution({ name, histogram: bins, top, count }: ColumnProfile): HtmlValue {
  if (bins && bins.counts.length > 0)
    return histogram(
      `Histogram of ${name}`,
      bins.counts,
      bins.edges.map((edge) => (typeof edge === 'number' ? formatShort(edge) : String(edge))),
    );
  const frequent = top.filter((entry) => entry.count > 1).slice(0, 4);
  if (frequent.length === 0) return html`<span class="quiet">${NOTHING}</span>`;
  return html`<span class="bounds"
    >${frequent.map(
      ({ value, count: rows }, index) =>
        html`${index > 0 ? ', ' : ''}${value === '' ? '(empty)' : shorten(value, 40)}
        ${formatShare(rows / Math.max(1, count))}`,
    )}</span
  >`;
}

function shown(value: string | number | boolean | null, instead?: string | null): HtmlValue {
  if (value === null) return html`<span class="quiet">${instead ?? NOTHING}</span>`;
  return typeof value === 'number' ? brief(value) : shorten(String(value), 24);
}

/** A value of the data with at most four digits behind the point. */
function brief(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15
    ? formatShort(value)
    : formatNumber(value).replace(/(\.\d{2})\d+$/, Math.abs(value) >= 10 ? '$1' : '$&');
}
