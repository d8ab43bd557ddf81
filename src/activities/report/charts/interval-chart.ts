/** Values with their intervals, one row a subject, on a common axis. */
import type { Interval } from '../../../contracts/steps';
import { formatNumber, formatShort, shorten } from '../format';
import { html, type Html } from '../html';
import { mark, type SeriesKind } from './series';
import { at, gridX, linear, svg, ticksAround, tip } from './svg';

/** A value in a row. */
export interface IntervalMark {
  readonly name: string;
  readonly kind: SeriesKind;
  readonly interval: Interval;
}

/** One line of the chart; `bounds` are drawn as short strokes (what a rule asks for). */
export interface IntervalRow {
  readonly label: string;
  readonly marks: readonly IntervalMark[];
  readonly bounds?: readonly { readonly value: number; readonly text: string }[];
}

const WIDTH = 660;
const LEFT = 170;
const RIGHT = 66;
const LINE = 19;
const GAP = 13;

/** What is drawn of a chart whose values lie anywhere; `include` is a value that the axis must show, such as 0. */
export function intervalChart(
  label: string,
  rows: readonly IntervalRow[],
  include?: number,
): Html | undefined {
  const values = rows.flatMap(({ marks, bounds }) => [
    ...marks.flatMap(({ interval: { value, lower, upper } }) => [value, lower, upper]),
    ...(bounds ?? []).map(({ value }) => value),
  ]);
  const known = [...values, include].filter((value) => value !== null && value !== undefined);
  if (known.length === 0) return undefined;
  const ticks = ticksAround(Math.min(...known), Math.max(...known), 6);
  const x = linear(ticks[0] ?? 0, ticks.at(-1) ?? 1, LEFT, WIDTH - RIGHT);
  let y = 8;
  const drawn = rows.map((row) => {
    const top = y;
    y += row.marks.length * LINE + GAP;
    return rowOf(row, top, x);
  });
  return svg(WIDTH, y + 20, label, [
    gridX(ticks, x, 2, y - 4),
    include === undefined
      ? undefined
      : html`<line class="zero" x1="${at(x(include))}" x2="${at(x(include))}" y1="2" y2="${at(y - 4)}" />`,
    drawn,
  ]);
}

function rowOf({ label, marks, bounds = [] }: IntervalRow, top: number, x: (value: number) => number): Html {
  const middle = top + (marks.length * LINE) / 2;
  return html`<text class="label" x="${LEFT - 12}" y="${at(middle + 4)}" text-anchor="end"
      >${tip(label)}${shorten(label, 25)}</text
    >${marks.map((entry, index) => markOf(entry, top + (index + 0.5) * LINE, x))}${bounds.map(
      ({ value, text }) =>
        html`<path class="bound" d="M${at(x(value))} ${at(top - 2)}v${at(marks.length * LINE + 4)}"
          >${tip(text)}</path
        >`,
    )}`;
}

function markOf(
  { name, kind, interval: { value, lower, upper } }: IntervalMark,
  y: number,
  x: (value: number) => number,
): Html {
  if (value === null) return html`<text class="tick" x="${LEFT + 4}" y="${at(y + 4)}">not defined</text>`;
  const known = lower !== null && upper !== null;
  const text = `${name}: ${formatNumber(value)}${known ? `, interval ${formatShort(lower)} to ${formatShort(upper)}` : ''}`;
  return html`<g
      >${tip(text)}${
        known
          ? html`<path
              class="whisker ${kind}"
              d="M${at(x(lower))} ${at(y)}H${at(x(upper))}M${at(x(lower))} ${at(y - 4)}v8M${at(x(upper))} ${at(y - 4)}v8"
            />`
          : undefined
      }${mark(kind, x(value), y)}</g
    ><text class="figure" x="${WIDTH - RIGHT + 12}" y="${at(y + 4)}">${formatNumber(value)}</text>`;
}
