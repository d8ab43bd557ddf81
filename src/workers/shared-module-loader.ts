/** A webpack loader, see {@link leaveOpen}. */

/**
 * Closes the exports of a module that all workflows of a worker share, so that nobody can put another thing in their place, and leaves open what is
 * exported. The SDK would otherwise freeze everything that can be reached from a shared module, and zod's schemas keep things in themselves at their first use.
 */
export default function leaveOpen(source: string): string {
  // Webpack gives the exports another name in CommonJS, which is what TypeScript makes of Millrace, than in ECMAScript modules.
  const exports = /Object\.defineProperty\(exports, ["']__esModule["']/.test(source)
    ? 'exports'
    : '__webpack_exports__';
  return `${source}\n;Object.freeze(${exports});\n`;
}
