/** HTML that cannot be forgotten to escape: a template in which every value is text unless it was made by the same template. */

/** A piece of markup that is safe to put into a page. Made by {@link html} only. */
export class Html {
  constructor(readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** What may stand in a template. Nothing is written for `undefined`, `null` and `false`. */
export type HtmlValue = Html | string | number | undefined | null | false | readonly HtmlValue[];

/** Markup with its values escaped: `html\`<b>${name}</b>\``. Attributes must be quoted. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, index) => `${text}${markupOf(values[index - 1])}${part}`));
}

/** Text that was written in this repository and is markup already: the style sheet. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text for an element or a quoted attribute. Control characters and the marks that turn the direction of writing become U+FFFD: they
 * could make a name read as another one, or break the page.
 */
function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(UNSEEN, '\uFFFD')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const UNSEEN = /(?![\t\n\r])[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** A link where `url` is one of the web, otherwise its text: a `javascript:` address must not become clickable. */
export function link(url: string, text: HtmlValue): Html {
  if (!/^https?:\/\//i.test(url)) return html`${text}`;
  return html`<a href="${url}" rel="noreferrer">${text}</a>`;
}

function markupOf(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(markupOf).join('');
  return escapeHtml(String(value));
}
