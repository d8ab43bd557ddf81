/** What all charts share: the frame, coordinates, scales and ticks. */
import { formatShort } from '../format';
import { html, type Html, type HtmlValue } from '../html';

/** A drawing that says in words what it shows, for whom the picture is not there. Widths and heights are in pixels. */
export function svg(
  width: number,
  height: number,
  label: string,
  body: HtmlValue,
  className = 'chart',
): Html {
  return html`<svg
    class="${className}"
    role="img"
    aria-label="${label}"
    viewBox="0 0 ${at(width)} ${at(height)}"
    width="${at(width)}"
    height="${at(height)}"
  >
    <title>${label}</title>
    ${body}
  </svg>`;
}

/** A coordinate with as many digits as can be seen. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10 || 0);
}

/** Maps values to pixels. */
export type Scale = (value: number) => number;

/** A linear scale; a range without extent maps to the middle. */
export function linear(from: number, to: number, start: number, end: number): Scale {
  if (to === from) return () => (start + end) / 2;
  return (value) => start + ((value - from) / (to - from)) * (end - start);
}

/**
 * Round numbers that cover a range, about `count` of them: steps of 1, 2 or 5 times a power of ten.
 * @returns at least two, the first at most `from` and the last at least `to`
 */
export function ticksAround(from: number, to: number, count = 5): number[] {
  const extent = to - from || Math.abs(to) || 1;
  const rough = extent / Math.max(1, count - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? rough;
  const first = Math.floor(from / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(to / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** Vertical grid lines with their values below. */
export function gridX(
  ticks: readonly number[],
  x: Scale,
  top: number,
  bottom: number,
  format = formatShort,
): Html {
  return html`${ticks.map(
    (tick) =>
      html`<line
          class="grid"
          x1="${at(x(tick))}"
          x2="${at(x(tick))}"
          y1="${at(top)}"
          y2="${at(bottom)}"
        /><text class="tick" x="${at(x(tick))}" y="${at(bottom + 15)}" text-anchor="middle"
          >${format(tick)}</text
        >`,
  )}`;
}

/** Horizontal grid lines with their values to the left. */
export function gridY(
  ticks: readonly number[],
  y: Scale,
  left: number,
  right: number,
  format = formatShort,
): Html {
  return html`${ticks.map(
    (tick) =>
      html`<line
          class="grid"
          x1="${at(left)}"
          x2="${at(right)}"
          y1="${at(y(tick))}"
          y2="${at(y(tick))}"
        /><text class="tick" x="${at(left - 7)}" y="${at(y(tick) + 4)}" text-anchor="end"
          >${format(tick)}</text
        >`,
  )}`;
}

/** What a drawn mark says when it is pointed at. */
export function tip(text: string): Html {
  return html`<title>${text}</title>`;
}
