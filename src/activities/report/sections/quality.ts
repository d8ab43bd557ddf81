/** What was asked of the data and what was found: quality rules, and the search for leakage. */
import type { RuleResult } from '../../../contracts/profile';
import { judgeLeakage } from '../../features/leakage/findings';
import { formatCount, formatNumber, formatShare, plural } from '../format';
import { html, type Html } from '../html';
import type { ReportData } from '../report-data';
import { section, sentences, table, warning } from './parts';

/** Features beyond are weaker still. */
const STRONGEST = 15;

/** What each quality rule asked and found. Undefined before the data was checked. */
export function qualitySection({ quality }: ReportData): Html | undefined {
  if (!quality) return undefined;
  const broken = quality.rules.filter(({ passed }) => !passed);
  const failing = broken.filter(({ severity }) => severity === 'fail').length;
  const holding = quality.rules.length - broken.length;
  return section(
    'quality',
    'Quality rules',
    quality.rules.length === 0
      ? 'The pipeline file asks nothing of the data.'
      : `${plural(quality.rules.length, 'rule')} checked over ${plural(quality.rows, 'row')}: ${broken.length === 0 ? 'all hold.' : `${formatCount(holding)} hold, ${formatCount(broken.length - failing)} only warn, ${formatCount(failing)} fail the run.`}`,
    quality.rules.length > 0 &&
      table<RuleResult>(
        'Rules and what was found, broken ones first',
        [
          {
            title: 'Rule',
            rowHeader: true,
            cell: ({ rule, column }) =>
              html`${rule}${column === undefined ? undefined : html`<span class="bounds">${column}</span>`}`,
          },
          { title: 'Result', cell: resultCell },
          { title: 'Asked', cell: ({ expected }) => expected },
          { title: 'Found', cell: ({ observed }) => observed },
          {
            title: 'Rows that break it',
            number: true,
            cell: ({ count, share }) =>
              count === null
                ? '–'
                : html`${formatCount(count)}${share !== null && count > 0 ? html`<span class="bounds">${formatShare(share)}</span>` : undefined}`,
          },
          { title: 'Examples', cell: examplesCell },
        ],
        [...broken, ...quality.rules.filter(({ passed }) => passed)],
      ),
  );
}

function resultCell({ passed, severity }: RuleResult): Html {
  if (passed) return html`<span class="state good-text">✓ holds</span>`;
  return severity === 'warn'
    ? html`<span class="state caution-text">! warns</span>`
    : html`<span class="state bad-text">✗ fails</span>`;
}

function examplesCell({ samples, passed }: RuleResult): Html {
  if (passed || samples.length === 0) return html`<span class="quiet">–</span>`;
  return html`${samples.map(
    ({ row, value }, index) =>
      html`${index > 0 ? html`<br />` : undefined}row <code>${row}</code>:
        ${value === null ? 'nothing' : html`<code>${value}</code>`}`,
  )}`;
}

/** What the search for leakage found. Undefined before it was made. */
export function leakageSection({ leakage, spec, split }: ReportData): Html | undefined {
  if (!leakage) return undefined;
  const { leaks, advice } = spec
    ? judgeLeakage(leakage, spec.quality, split?.byTime ?? false)
    : { leaks: [], advice: [] };
  const word = leakage.measure === 'auc' ? 'AUC alone' : 'Rank correlation alone';
  const limit = spec?.quality.leakage.maxAuc;
  const keys = leakage.keys.reduce((sum, { values }) => sum + values, 0);
  return section(
    'leakage',
    'Leakage checks',
    leaks.length === 0
      ? 'Nothing was found that tells a model more than it would know in use.'
      : 'Something tells the models more than they would know in use: their figures are too good.',
    leaks.map((leak) => warning(leak)),
    sentences([
      html`${keys === 0 ? 'No key stands' : `${plural(keys, 'key')} stand`} on more than one side of the
      split.`,
      html`Of ${plural(leakage.twins.measured, 'row')} of validation and hold-out,
      ${formatCount(leakage.twins.equal)} equal one on another side in all columns but the key;
      ${formatCount(leakage.twins.same)} of them are shown to be the same and not alike by chance.`,
      ...advice,
    ]),
    leakage.features.length > 0 &&
      html`<div class="narrow">
        ${table(
          `How well each feature alone predicts the label, over ${plural(leakage.rows, 'training row')}`,
          [
            {
              title: 'Feature',
              rowHeader: true,
              cell: ({ feature }: (typeof leakage.features)[number]) => feature,
            },
            { title: word, number: true, cell: ({ strength }) => formatNumber(strength) },
            ...(limit === undefined
              ? []
              : [
                  {
                    title: `Limit ${limit}`,
                    cell: ({ strength }: (typeof leakage.features)[number]) =>
                      strength !== null && strength > limit
                        ? html`<span class="state bad-text">✗ above</span>`
                        : html`<span class="state good-text">✓ below</span>`,
                  },
                ]),
          ],
          leakage.features.slice(0, STRONGEST),
        )}
      </div>`,
    leakage.features.length > STRONGEST
      ? html`<p class="quiet">The ${STRONGEST} strongest of ${leakage.features.length} features.</p>`
      : undefined,
  );
}
