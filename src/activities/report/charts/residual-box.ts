/** How far predictions are off: the quantiles of the residuals as a box. */
import { formatShort } from '../format';
import { html, type Html } from '../html';
import type { SeriesKind } from './series';
import { at, gridX, linear, svg, ticksAround, tip } from './svg';

/** Residuals (true minus predicted) at 0, 5, 25, 50, 75, 95, 100 per cent. */
export interface ResidualSeries {
  readonly name: string;
  readonly kind: SeriesKind;
  readonly quantiles: readonly number[];
}

const WIDTH = 660;
const LEFT = 150;
const RIGHT = 20;
const ROW = 46;

/** The box holds the middle half, the line nine tenths, the rings are the extremes. */
export function residualBox(label: string, series: readonly ResidualSeries[]): Html {
  const values = series.flatMap(({ quantiles }) => [...quantiles]);
  const ticks = ticksAround(Math.min(0, ...values), Math.max(0, ...values), 7);
  const x = linear(ticks[0] ?? 0, ticks.at(-1) ?? 1, LEFT, WIDTH - RIGHT);
  const bottom = series.length * ROW + 8;
  return svg(WIDTH, bottom + 24, label, [
    gridX(ticks, x, 2, bottom),
    html`<line class="zero" x1="${at(x(0))}" x2="${at(x(0))}" y1="2" y2="${at(bottom)}" />`,
    series.map(({ name, kind, quantiles }, index) => {
      const [least = 0, low = 0, lower = 0, middle = 0, upper = 0, high = 0, most = 0] = quantiles;
      const y = index * ROW + ROW / 2 + 4;
      return html`<g
        >${tip(`${name}: median ${formatShort(middle)}, half of all from ${formatShort(lower)} to ${formatShort(upper)}`)}<text
          class="label"
          x="${LEFT - 12}"
          y="${at(y + 4)}"
          text-anchor="end"
          >${name}</text
        ><path
          class="whisker ${kind}"
          d="M${at(x(low))} ${at(y)}H${at(x(high))}M${at(x(low))} ${at(y - 6)}v12M${at(x(high))} ${at(y - 6)}v12"
        /><rect
          class="box ${kind}"
          x="${at(x(lower))}"
          width="${at(Math.max(1, x(upper) - x(lower)))}"
          y="${at(y - 11)}"
          height="22"
        /><path
          class="whisker ${kind}"
          d="M${at(x(middle))} ${at(y - 11)}v22"
        />${[least, most].map((value) => html`<circle class="point other" cx="${at(x(value))}" cy="${at(y)}" r="3">${tip(formatShort(value))}</circle>`)}</g
      >`;
    }),
  ]);
}
