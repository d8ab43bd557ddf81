/** Who is drawn how: each kind differs in colour and in form. */
import { html, type Html } from '../html';

/** The winner, the champion, and whoever else. */
export type SeriesKind = 'winner' | 'champion' | 'other';

/** A legend entry with a piece of the line, or of the mark, that it names. */
export interface LegendEntry {
  readonly kind: SeriesKind;
  readonly name: string;
  readonly form: 'line' | 'mark';
}

/** The legend of a chart, as text beside small drawings. */
export function legend(entries: readonly LegendEntry[]): Html {
  return html`<ul class="legend">
    ${entries.map(
      ({ kind, name, form }) =>
        html`<li>
          <svg class="swatch" aria-hidden="true" viewBox="0 0 26 12" width="26" height="12">
            ${
              form === 'line'
                ? html`<line class="line ${kind}" x1="1" x2="25" y1="6" y2="6" />`
                : mark(kind, 13, 6)
            }
          </svg>
          ${name}
        </li>`,
    )}
  </ul>`;
}

/** A point: a disc for the winner, a diamond for the champion, a ring for the others. */
export function mark(kind: SeriesKind, x: number, y: number): Html {
  const [left, top] = [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
  if (kind === 'champion')
    return html`<path class="point champion" d="M${left} ${top - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z" />`;
  return html`<circle class="point ${kind}" cx="${left}" cy="${top}" r="${kind === 'winner' ? 4.5 : 4}" />`;
}
