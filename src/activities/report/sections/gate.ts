/** The gate's rules, each with its sentence. */
import { html, type Html } from '../html';
import type { ReportData } from '../report-data';
import { section } from './parts';

/** See the file's head. Undefined where the run did not get so far. */
export function gateSection({ run }: ReportData): Html | undefined {
  const { gate } = run;
  if (!gate) return undefined;
  return section(
    'gate',
    'Gate',
    gate.reasons.length === 0
      ? 'The pipeline file has no gate: the winner passed without a rule.'
      : `What the winner had to reach on the hold-out. The gate ${gate.passed ? 'was passed' : 'was not passed'}.`,
    html`<ul class="gate">
      ${gate.reasons.map(
        ({ passed, skipped, text }) =>
          html`<li class="${passed ? (skipped === true ? 'skipped' : 'passed') : 'broken'}">
            <span class="mark">${passed ? (skipped === true ? '○ not judged' : '✓ holds') : '✗ broken'}</span>
            <span>${text}</span>
          </li>`,
      )}
    </ul>`,
  );
}
