/** The page: header, then one section after the other, each a function from the data to HTML. */
import { html, trusted, type Html } from './html';
import type { ReportData } from './report-data';
import { calibrationSection, curvesSection } from './sections/curves';
import { candidatesSection } from './sections/candidates';
import { headerSection } from './sections/header';
import { gateSection } from './sections/gate';
import { holdoutSection } from './sections/holdout';
import { confusionSection, residualsSection } from './sections/confusion';
import { dataSection } from './sections/data';
import { leakageSection, qualitySection } from './sections/quality';
import { lineageSection } from './sections/lineage';
import { slicesSection } from './sections/slices';
import { timelineSection } from './sections/timeline';
import { STYLE } from './style';

/** A part of the page with a heading; absent when there is nothing to say. */
type Section = (data: ReportData) => Html | undefined;

/** Its anchor, and the word that leads to it from the top. What decided comes first, what it was made of last. */
const SECTIONS: readonly (readonly [id: string, word: string, section: Section])[] = [
  ['candidates', 'Candidates', candidatesSection],
  ['gate', 'Gate', gateSection],
  ['holdout', 'Hold-out', holdoutSection],
  ['curves', 'Curves', curvesSection],
  ['calibration', 'Calibration', calibrationSection],
  ['confusion', 'Confusion', confusionSection],
  ['residuals', 'Residuals', residualsSection],
  ['slices', 'Slices', slicesSection],
  ['data', 'Data', dataSection],
  ['quality', 'Quality', qualitySection],
  ['leakage', 'Leakage', leakageSection],
  ['lineage', 'Lineage', lineageSection],
  ['timeline', 'Timeline', timelineSection],
];

/** One HTML document that needs nothing from anywhere. */
export function renderPage(data: ReportData): string {
  const { status } = data.run;
  const title = `${status.pipeline}: ${status.outcome ?? status.state}`;
  const sections = SECTIONS.flatMap(([id, word, section]) => {
    const body = section(data);
    return body ? [{ id, word, body }] : [];
  });
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style>
          ${trusted(STYLE)}
        </style>
      </head>
      <body>
        <div class="page">
          ${headerSection(data)}
          <nav class="contents" aria-label="Contents">
            <ul>
              ${sections.map(({ word, id }) => html`<li><a href="#${id}">${word}</a></li>`)}
            </ul>
          </nav>
          <main>${sections.map(({ body }) => body)}</main>
          <footer>
            Written by Millrace. The same figures for programs: <code>summary.json</code> and
            <code>candidates.csv</code>, beside this page. Times are in UTC.
          </footer>
        </div>
      </body>
    </html> `.markup;
}
