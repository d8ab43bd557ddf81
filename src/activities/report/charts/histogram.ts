/** A small histogram without axes, for a table cell. */
import { formatCount } from '../format';
import { html, type Html } from '../html';
import { at, svg, tip } from './svg';

const WIDTH = 132;
const HEIGHT = 34;

/** Bars of equal width; `edges` are the texts of the bins' bounds, one more than there are counts. */
export function histogram(label: string, counts: readonly number[], edges: readonly string[]): Html {
  const most = Math.max(1, ...counts);
  const step = WIDTH / Math.max(1, counts.length);
  return svg(
    WIDTH,
    HEIGHT,
    label,
    [
      counts.map((count, index) => {
        // What is there at all can be seen.
        const height = count === 0 ? 0 : Math.max(1.5, (count / most) * (HEIGHT - 2));
        return html`<rect
          class="bar"
          x="${at(index * step)}"
          width="${at(Math.max(0.8, step - 1))}"
          y="${at(HEIGHT - 1 - height)}"
          height="${at(height)}"
          >${tip(`${edges[index] ?? ''} to ${edges[index + 1] ?? ''}: ${formatCount(count)} rows`)}</rect
        >`;
      }),
      html`<line class="rule" x1="0" x2="${WIDTH}" y1="${HEIGHT - 0.5}" y2="${HEIGHT - 0.5}" />`,
    ],
    'spark',
  );
}
