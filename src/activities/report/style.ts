/** The page's style sheet: one accent for the winner, one for the champion; everything else is ink on paper, or the reverse. */
import { CHART_STYLE } from './chart-style';

/** Contrast of text is at least 4.5 to 1 on every ground, in both schemes (measured by test/integration/report). */
const COLOURS = `
:root { color-scheme: light dark; --paper: #ffffff; --panel: #f5f6f8; --ink: #1a1e24; --quiet: #586271; --rule: #dde1e7; --grid: #e9ecf0;
  --winner: #1d5cbb; --winner-wash: #edf3fd; --on-winner: #ffffff; --champion: #a8500a; --other: #8b95a3; --bar: #b9c6d8;
  --good: #17713f; --good-wash: #ebf7f0; --caution: #855300; --caution-wash: #fff6e0; --bad: #b0231a; --bad-wash: #fdeeec; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #13161b; --panel: #1b1f26; --ink: #e7eaef; --quiet: #9ea8b6; --rule: #303741; --grid: #262c35;
    --winner: #82b1ff; --winner-wash: #17263f; --on-winner: #0b1424; --champion: #f2a65e; --other: #77818f; --bar: #46566e;
    --good: #63d197; --good-wash: #12291d; --caution: #e9b84f; --caution-wash: #2c2310; --bad: #ff9088; --bad-wash: #341916; }
}`;

const PAGE = `
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.page { max-width: 76rem; margin: 0 auto; padding: 2.5rem 2rem 4rem; }
a { color: var(--winner); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--winner); outline-offset: 2px; border-radius: 3px; }
code { font: .87em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -.02em; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; line-height: 1.3; letter-spacing: -.01em; margin: 0 0 .35rem; }
h3 { font-size: .95rem; margin: 1.6rem 0 .5rem; overflow-wrap: anywhere; }
p { margin: 0 0 .8rem; }
main > section:first-child { border-top: 0; margin-top: .6rem; }
section { margin-top: 2.6rem; padding-top: 1.8rem; border-top: 1px solid var(--rule); }
.lead { color: var(--quiet); max-width: 46rem; margin-bottom: 1.1rem; }
.kicker { color: var(--quiet); font-size: .78rem; letter-spacing: .08em; text-transform: uppercase; margin: 0 0 .3rem; }
.description { color: var(--quiet); font-size: 1.08rem; margin: .3rem 0 0; }
.quiet { color: var(--quiet); }
.message { white-space: pre-wrap; overflow-wrap: anywhere; }
.outcome { margin: 1.4rem 0 1.5rem; padding: 1.05rem 1.3rem; border-radius: 10px; border-left: 5px solid var(--tone); background: var(--wash); }
.outcome.good { --tone: var(--good); --wash: var(--good-wash); } .outcome.neutral { --tone: var(--quiet); --wash: var(--panel); }
.outcome.caution { --tone: var(--caution); --wash: var(--caution-wash); } .outcome.bad { --tone: var(--bad); --wash: var(--bad-wash); }
.verdict { font-size: 1.2rem; line-height: 1.4; margin: 0; overflow-wrap: anywhere; }
.verdict strong, .verdict .mark { color: var(--tone); }
.outcome ul, .outcome .failure, .outcome .next { margin: .7rem 0 0; }
.outcome ul { padding-left: 1.1rem; } .outcome li { margin: .2rem 0; overflow-wrap: anywhere; }
.failure > div { display: grid; grid-template-columns: 6.5rem 1fr; gap: .2rem 1rem; padding: .3rem 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .8rem; margin: 0 0 1.4rem; padding: 0; list-style: none; }
.figures li { background: var(--panel); border-radius: 10px; padding: .8rem 1rem; }
.figures .name { display: block; color: var(--quiet); font-size: .82rem; } .figures .big { display: block; font-size: 1.75rem; line-height: 1.25; letter-spacing: -.02em; font-weight: 600; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: .8rem 1.4rem; margin: 0 0 1rem; }
.facts dt { font-size: .8rem; } .facts.wide { grid-template-columns: 1fr; gap: .5rem; }
.facts.wide > div { display: grid; grid-template-columns: 10rem 1fr; gap: 0 1rem; } .facts.wide dt { font-size: inherit; }
.links { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; margin: 0; }
.contents ul { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin: 1.4rem 0 0; padding: .8rem 0 0; list-style: none; border-top: 1px solid var(--rule); font-size: .9rem; }
.warning { background: var(--caution-wash); border-left: 4px solid var(--caution); border-radius: 8px; padding: .6rem .9rem; max-width: 60rem; overflow-wrap: anywhere; }
.failures { padding-left: 1.1rem; overflow-wrap: anywhere; }
details { margin: .8rem 0; } summary { cursor: pointer; color: var(--winner); width: fit-content; }
footer { margin-top: 3rem; padding-top: 1.2rem; border-top: 1px solid var(--rule); color: var(--quiet); font-size: .85rem; }
`;

const TABLES = `
.scroll { overflow-x: auto; margin: .6rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
.narrow table { width: auto; min-width: min(100%, 28rem); }
caption { text-align: left; color: var(--quiet); font-size: .82rem; padding: 0 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .7rem; border-bottom: 1px solid var(--rule); }
thead th { color: var(--quiet); font-weight: 500; font-size: .82rem; line-height: 1.3; vertical-align: bottom; border-bottom-color: var(--other); }
tbody th { font-weight: 600; background: var(--paper); min-width: 8rem; max-width: 18rem; }
th, td { overflow-wrap: break-word; }
td { min-width: 4.2rem; max-width: 30rem; } td code { white-space: nowrap; } td.number, th.number { text-align: right; overflow-wrap: normal; }
abbr { text-decoration: none; }
.value { display: block; } .bounds { display: block; color: var(--quiet); font-size: .8rem; font-weight: 400; line-height: 1.35; }
td.number .bounds { white-space: nowrap; font-size: .76rem; } td.number, th.number { padding-left: .45rem; padding-right: .45rem; }
tr.winner > * { background: var(--winner-wash); } tr.winner > th { box-shadow: inset 4px 0 var(--winner); } tr.winner > .chosen .value { color: var(--winner); font-weight: 700; }
.tag { display: inline-block; background: var(--winner); color: var(--on-winner); border-radius: 99px; padding: .05rem .5rem; font-size: .74rem; font-weight: 600; white-space: nowrap; }
.good-text { color: var(--good); } .caution-text { color: var(--caution); } .bad-text { color: var(--bad); } .state { white-space: nowrap; font-weight: 500; }
.gate { list-style: none; margin: 0; padding: 0; max-width: 60rem; } .gate li { display: grid; grid-template-columns: 7.5rem 1fr; gap: .2rem 1rem; padding: .55rem 0; border-bottom: 1px solid var(--rule); overflow-wrap: anywhere; }
.gate .mark { font-weight: 600; } .gate .passed .mark { color: var(--good); } .gate .skipped .mark { color: var(--quiet); } .gate .broken .mark { color: var(--bad); }
.shares { display: flex; gap: 2px; height: 1.9rem; max-width: 46rem; border-radius: 6px; overflow: hidden; margin: .5rem 0; }
.shares span { min-width: 3px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; font-size: .82rem; line-height: 1.9rem; background: var(--panel); box-shadow: inset 0 0 0 1px var(--rule); } .shares b { font-weight: 500; padding: 0 .6rem; }
.shares .part0 { background: var(--winner); color: var(--on-winner); box-shadow: none; } .shares .part1 { background: var(--bar); box-shadow: none; }
.share-list { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; list-style: none; padding: 0; margin: 0 0 1rem; font-size: .9rem; overflow-wrap: anywhere; }
.matrices { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 34rem)); gap: 0 2.2rem; }
.confusion td { text-align: right; background: color-mix(in srgb, var(--winner) calc(var(--share) * 30%), var(--paper)); } .confusion td.right { font-weight: 600; } .confusion .bounds { color: var(--ink); }
`;

const NARROW = `
@media (max-width: 40rem) {
  .page { padding: 1.4rem 1rem 3rem; } h1 { font-size: 1.65rem; } .verdict { font-size: 1.08rem; } .outcome { padding: .9rem 1rem; }
  .failure > div, .gate li, .facts.wide > div { grid-template-columns: 1fr; gap: 0; } .facts.wide dt { font-size: .8rem; }
  .figures, .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); } .facts.wide { grid-template-columns: 1fr; } .figures .big { font-size: 1.4rem; }
  .scroll tbody th { position: sticky; left: 0; max-width: 10rem; min-width: 7.5rem; z-index: 1; } th, td { padding: .45rem .55rem; } td:not(.number) { min-width: 8.5rem; max-width: 16rem; } .state { min-width: 0; }
}
@media print { .contents { display: none; } section { break-inside: avoid-page; } .scroll { overflow: visible; } body { font-size: 12px; } }
`;

/** All of it. */
export const STYLE = `${COLOURS}${PAGE}${TABLES}${CHART_STYLE}${NARROW}`;
