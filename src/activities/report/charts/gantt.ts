/** When what ran: one bar a stage, below the training one a candidate. */
import { formatDuration } from '../../../contracts/quantities';
import { shorten } from '../format';
import { html, type Html } from '../html';
import { at, gridX, linear, svg, ticksAround, tip } from './svg';

/** One bar. Times are seconds since the run began. */
export interface GanttBar {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly state: 'done' | 'cached' | 'failed' | 'cancelled' | 'running';
  /** Part of the bar above it. */
  readonly nested: boolean;
}

const WIDTH = 960;
const LEFT = 190;
const RIGHT = 130;
const ROW = 23;
const WORDS: Readonly<Record<GanttBar['state'], string>> = {
  done: '',
  cached: 'cached',
  failed: '✗ failed',
  cancelled: '■ cancelled',
  running: '… unfinished',
};

/** `seconds` is how long the run took. */
export function gantt(label: string, bars: readonly GanttBar[], seconds: number): Html {
  const end = Math.max(seconds, ...bars.map(({ to }) => to), 0.001);
  const ticks = timeTicks(end);
  const x = linear(0, Math.max(end, ticks.at(-1) ?? 0), LEFT, WIDTH - RIGHT);
  const bottom = bars.length * ROW + 6;
  return svg(WIDTH, bottom + 24, label, [
    gridX(ticks, x, 2, bottom, (tick) => (tick === 0 ? '0' : formatDuration(tick))),
    bars.map((bar, index) => {
      const top = index * ROW + 5;
      const width = Math.max(2, x(bar.to) - x(bar.from));
      const took = formatDuration(bar.to - bar.from);
      const words = [took, WORDS[bar.state]].filter(Boolean).join(' ');
      return html`<g
        >${tip(`${bar.label}: ${words}`)}<text
          class="label${bar.nested ? ' nested' : ''}"
          x="${LEFT - 12}"
          y="${at(top + 12)}"
          text-anchor="end"
          >${shorten(bar.label, 24)}</text
        ><rect
          class="span ${bar.state}${bar.nested ? ' nested' : ''}"
          x="${at(x(bar.from))}"
          y="${at(bar.nested ? top + 3 : top)}"
          width="${at(width)}"
          height="${bar.nested ? 10 : 15}"
          rx="2"
        /><text class="figure" x="${at(x(bar.from) + width + 7)}" y="${at(top + 12)}">${words}</text></g
      >`;
    }),
  ]);
}

/** Round times: steps that are round in minutes and hours as well. */
function timeTicks(seconds: number): number[] {
  const steps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
  if (seconds < 150) return ticksAround(0, seconds, 6).filter((tick) => tick <= seconds * 1.02);
  const step = steps.find((size) => seconds / size <= 6) ?? Math.ceil(seconds / 6 / 86_400) * 86_400;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
}
