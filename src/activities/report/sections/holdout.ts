/** Winner and champion on the rows that neither was trained or chosen on. */
import type { ReportData } from '../report-data';
import { inTableOrder } from '../comparison';
import { formatCount } from '../format';
import { html, type Html } from '../html';
import { measured, metricHead, section, table, warning } from './parts';

/** A hold-out that has decided this often has been fitted to, a little, by every decision. */
export const OFTEN_GATED = 10;

export function holdoutSection({ run, holdout, evaluations }: ReportData): Html | undefined {
  if (!holdout) return undefined;
  const { challenger, champion, summary, notComparable } = holdout;
  const selectBy = Object.values(evaluations)[0]?.selectBy;
  const metrics = inTableOrder(Object.keys(challenger.metrics), selectBy);
  return section(
    'holdout',
    'Winner on the hold-out',
    html`${formatCount(challenger.rows)} rows that no candidate was trained or chosen on.`,
    run.timesGated !== undefined && run.timesGated >= OFTEN_GATED
      ? warning(`This hold-out has gated ${run.timesGated} times.`)
      : undefined,
    notComparable !== undefined ? warning(notComparable) : undefined,
    table(
      'Metrics on the hold-out',
      [
        { title: 'Metric', rowHeader: true, cell: (name: string) => metricHead(name) },
        { title: challenger.name, number: true, cell: (name) => measured(challenger.metrics[name]) },
        ...(champion
          ? [
              {
                title: `champion version ${champion.version}`,
                number: true,
                cell: (name: string) => measured(champion.metrics[name]),
              },
              {
                title: 'difference',
                number: true,
                cell: (name: string) => measured(summary.difference?.[name]),
              },
            ]
          : []),
      ],
      metrics,
    ),
  );
}
