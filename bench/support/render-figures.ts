/** Figures as people read them. */
import { keepsLimit, type Figure, type Limit } from '../scenario';

/** One line a figure: name, value, limit, whether it is kept, and what it was measured from. */
export function figureLines(figures: readonly Figure[]): string[] {
  const rows = figures.map((figure) => [
    figure.name,
    `${numberText(figure.value)} ${figure.unit}`,
    figure.limit === undefined ? '' : limitText(figure.limit),
    wordFor(keepsLimit(figure)),
    figure.note ?? '',
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')}`.trimEnd(),
  );
}

function limitText(limit: Limit): string {
  if ('atMost' in limit) return `at most ${numberText(limit.atMost)}`;
  return 'below' in limit ? `under ${numberText(limit.below)}` : `at least ${numberText(limit.atLeast)}`;
}

function wordFor(kept: boolean | undefined): string {
  if (kept === undefined) return '';
  return kept ? 'ok' : 'MISSED';
}

function numberText(value: number): string {
  const digits = Math.abs(value) < 100 && !Number.isInteger(value) ? 2 : 0;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}
