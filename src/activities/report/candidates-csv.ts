/** `candidates.csv`: the comparison table for spreadsheets and scripts. */
import { compareCandidates } from './comparison';
import type { ReportData } from './report-data';

/**
 * One line a candidate, best first: name, trainer, state, winner, rank, threshold, attempts, seconds, error code and message, then for each
 * metric on validation its value and the bounds of its interval. RFC 4180, with line feeds; empty where there is no value.
 */
export function candidatesCsv(data: ReportData): string {
  const { metrics, candidates } = compareCandidates(data);
  const head = [
    ...['candidate', 'trainer', 'state', 'winner', 'rank', 'threshold', 'attempts', 'seconds'],
    ...metrics.flatMap((name) => [name, `${name}_lower`, `${name}_upper`]),
    ...['error_code', 'error_message'],
  ];
  const rows = candidates.map((candidate) => [
    ...[candidate.name, candidate.trainer, candidate.state, candidate.winner, candidate.rank],
    ...[candidate.threshold, candidate.attempts, candidate.seconds],
    ...metrics.flatMap((name) => {
      const interval = candidate.metrics[name];
      return [interval?.value, interval?.lower, interval?.upper];
    }),
    ...[candidate.error?.code, candidate.error?.message],
  ]);
  return [head, ...rows].map((cells) => `${cells.map(cell).join(',')}\n`).join('');
}

function cell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  // A spreadsheet would run a text that begins like a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
