/** What is read of a report in a browser. Each is a JavaScript expression; its value is the type named beside it. */

/** Text of every cell of the table in a section, by row; the first row has the heads. `string[][]` */
export function tableIn(section: string): string {
  return `[...document.querySelector('#${section} table').rows].map((row) =>
    [...row.cells].map((cell) => (cell.querySelector('.value') ?? cell).innerText.trim()))`;
}

/** Anchors of the contents that lead nowhere, and sections that no anchor leads to. `string[]` */
export const LOST_ANCHORS = `(() => {
  const anchors = [...document.querySelectorAll('nav a')].map((a) => a.getAttribute('href').slice(1));
  const sections = [...document.querySelectorAll('main > section')].map(({ id }) => id);
  return [...anchors.filter((id) => !sections.includes(id)), ...sections.filter((id) => !anchors.includes(id))];
})()`;

/** How far the page is wider than the window, in pixels. `number` */
export const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Texts whose contrast with the ground below them is under 4.5 to 1 (WCAG 2.2, 1.4.3), each with its ratio. `string[]` */
export const FAINT_TEXTS = `(() => {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colour = (text) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = (rgb) => rgb.slice(0, 3)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility() || element.closest('title')) continue;
    const style = getComputedStyle(element);
    const ink = colour(element.namespaceURI.endsWith('svg') ? style.fill : style.color);
    const [a, b] = [light(ink), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.add(ratio.toFixed(2) + ' ' + node.data.trim().slice(0, 40));
  }
  return [...faint];
})()`;

/** Tables without a caption or with cells that no head names, drawings without words, in so many words. `string[]` */
export const UNNAMED = `[
  ...[...document.querySelectorAll('table')]
    .filter((table) => !table.caption || [...table.tHead.rows[0].cells].some((cell) => cell.scope !== 'col' || !cell.textContent.trim()))
    .map((table) => 'table ' + table.textContent.slice(0, 60)),
  ...[...document.querySelectorAll('table')]
    .filter((table) => [...table.tBodies[0].rows].some((row) => row.cells[0].scope !== 'row'))
    .map((table) => 'rows of ' + table.textContent.slice(0, 60)),
  ...[...document.querySelectorAll('svg:not([aria-hidden])')]
    .filter((svg) => !svg.getAttribute('aria-label') || svg.firstElementChild?.tagName !== 'title')
    .map((svg) => svg.outerHTML.slice(0, 80)),
]`;
