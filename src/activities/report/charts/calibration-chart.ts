/** Whether a score means what it says: the mean score of a bin against the share of positives in it. */
import { formatCount, formatShare, formatShort } from '../format';
import { html, type Html } from '../html';
import { mark, type SeriesKind } from './series';
import { at, gridX, gridY, linear, svg, tip } from './svg';

/** Bins of one model, filled ones only. */
export interface CalibrationSeries {
  readonly name: string;
  readonly kind: SeriesKind;
  readonly bins: readonly { readonly predicted: number; readonly observed: number; readonly rows: number }[];
}

const SIZE = { width: 440, height: 390, left: 52, right: 14, top: 12 };
const PLOT_BOTTOM = 288;
const BARS_BOTTOM = 344;
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** The plot, and below it how many rows the winner's bins hold. */
export function calibrationChart(label: string, series: readonly CalibrationSeries[]): Html {
  const { width, height, left, right, top } = SIZE;
  const x = linear(0, 1, left, width - right);
  const y = linear(0, 1, PLOT_BOTTOM, top);
  const winner = series.find(({ kind }) => kind === 'winner');
  const most = Math.max(1, ...(winner?.bins ?? []).map(({ rows }) => rows));
  const bar = linear(0, most, 0, BARS_BOTTOM - PLOT_BOTTOM - 12);
  return svg(width, height, label, [
    gridX(TICKS, x, top, PLOT_BOTTOM, () => ''),
    gridY(TICKS, y, left, width - right),
    html`<line class="baseline" x1="${at(x(0))}" x2="${at(x(1))}" y1="${at(y(0))}" y2="${at(y(1))}" />`,
    [...series]
      .reverse()
      .map(({ name, kind, bins }) => [
        html`<polyline
          class="line ${kind}"
          points="${bins.map(({ predicted, observed }) => `${at(x(predicted))},${at(y(observed))}`).join(' ')}"
        />`,
        bins.map(
          ({ predicted, observed, rows }) =>
            html`<g
              >${tip(`${name}: predicted ${formatShort(predicted)}, observed ${formatShare(observed)} of ${formatCount(rows)} rows`)}${mark(kind, x(predicted), y(observed))}</g
            >`,
        ),
      ]),
    winner?.bins.map(
      ({ predicted, rows }) =>
        html`<rect
          class="bar"
          x="${at(x(predicted) - 9)}"
          width="18"
          y="${at(BARS_BOTTOM - bar(rows))}"
          height="${at(bar(rows))}"
          >${tip(`${formatCount(rows)} rows`)}</rect
        >`,
    ),
    html`<line class="rule" x1="${left}" x2="${width - right}" y1="${BARS_BOTTOM}" y2="${BARS_BOTTOM}" />`,
    html`<text class="tick" x="${left - 7}" y="${BARS_BOTTOM - 18}" text-anchor="end">rows</text>`,
    TICKS.map(
      (tick) =>
        html`<text class="tick" x="${at(x(tick))}" y="${BARS_BOTTOM + 15}" text-anchor="middle"
          >${formatShort(tick)}</text
        >`,
    ),
    html`<text class="axis" x="${at((left + width - right) / 2)}" y="${height - 8}" text-anchor="middle"
      >mean predicted probability</text
    >`,
    html`<text
      class="axis"
      x="14"
      y="${at((top + PLOT_BOTTOM) / 2)}"
      text-anchor="middle"
      transform="rotate(-90 14 ${at((top + PLOT_BOTTOM) / 2)})"
      >share of positives</text
    >`,
  ]);
}
