/** The page: header, then one section after the other, each a function from the data to HTML. */
import { html, trusted, type Html } from './html';
import type { ReportData } from './report-data';
import { candidatesSection } from './sections/candidates';
import { headerSection } from './sections/header';
import { gateSection } from './sections/gate';
import { holdoutSection } from './sections/holdout';
import { STYLE } from './style';

/** A part of the page with a heading; absent when there is nothing to say. */
type Section = (data: ReportData) => Html | undefined;

const SECTIONS: readonly Section[] = [candidatesSection, holdoutSection, gateSection];

/** One HTML document that needs nothing from anywhere. */
export function renderPage(data: ReportData): string {
  const { status } = data.run;
  const title = `${status.pipeline}: ${status.outcome ?? status.state}`;
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
          <main>${SECTIONS.map((section) => section(data))}</main>
        </div>
      </body>
    </html> `.markup;
}
