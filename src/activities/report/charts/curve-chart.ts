/** Curves in the unit square: ROC, precision and recall. */
import type { HtmlValue, Html } from '../html';
import { html } from '../html';
import type { SeriesKind } from './series';
import { at, gridX, gridY, linear, svg, tip } from './svg';

/** One curve; points in order. */
export interface CurveSeries {
  readonly name: string;
  readonly kind: SeriesKind;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** What to draw. All values are from 0 to 1. */
export interface CurveChart {
  readonly label: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly CurveSeries[];
  /** What a model without skill gives: the diagonal, or a height. */
  readonly baseline: 'diagonal' | number;
  /** Where the threshold puts the winner. */
  readonly operatingPoint?: { readonly x: number; readonly y: number; readonly name: string } | undefined;
}

const SIZE = { width: 440, height: 390, left: 52, right: 14, top: 12, bottom: 46 };
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Faint curves first, so that the winner lies on top. */
export function curveChart(chart: CurveChart): Html {
  const { width, height, left, right, top, bottom } = SIZE;
  const x = linear(0, 1, left, width - right);
  const y = linear(0, 1, height - bottom, top);
  const order: readonly SeriesKind[] = ['other', 'champion', 'winner'];
  const sorted = [...chart.series].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  const [from, to] = chart.baseline === 'diagonal' ? [0, 1] : [chart.baseline, chart.baseline];
  const point = chart.operatingPoint;
  return svg(width, height, chart.label, [
    gridX(TICKS, x, top, height - bottom),
    gridY(TICKS, y, left, width - right),
    html`<line class="baseline" x1="${at(x(0))}" x2="${at(x(1))}" y1="${at(y(from))}" y2="${at(y(to))}" />`,
    sorted.map(
      ({ name, kind, x: xs, y: ys }) =>
        html`<polyline
          class="line ${kind}"
          points="${xs.map((value, index) => `${at(x(value))},${at(y(ys[index] ?? 0))}`).join(' ')}"
          >${tip(name)}</polyline
        >`,
    ),
    point &&
      html`<circle class="point winner" cx="${at(x(point.x))}" cy="${at(y(point.y))}" r="5"
          >${tip(point.name)}</circle
        ><text
          class="note"
          x="${at(x(point.x) + (point.x > 0.6 ? -9 : 9))}"
          y="${at(y(point.y) + 16)}"
          text-anchor="${point.x > 0.6 ? 'end' : 'start'}"
          >${point.name}</text
        >`,
    axisTitles(chart.xTitle, chart.yTitle),
  ]);
}

function axisTitles(xTitle: string, yTitle: string): HtmlValue {
  const { width, height, left, right, top, bottom } = SIZE;
  const middle = (top + height - bottom) / 2;
  return html`<text
      class="axis"
      x="${at((left + width - right) / 2)}"
      y="${at(height - 8)}"
      text-anchor="middle"
      >${xTitle}</text
    ><text class="axis" x="14" y="${at(middle)}" text-anchor="middle" transform="rotate(-90 14 ${at(middle)})"
      >${yTitle}</text
    >`;
}
