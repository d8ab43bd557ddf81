/** How the drawings look: their classes are given by the modules in `charts/`. */
export const CHART_STYLE = `
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem 2rem; align-items: start; }
figure { margin: .4rem 0 1rem; min-width: 0; } figcaption { font-weight: 600; font-size: .92rem; margin-bottom: .4rem; overflow-wrap: anywhere; }
svg.chart { display: block; max-width: 100%; height: auto; } .scroll > svg.chart { max-width: none; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; font-variant-numeric: tabular-nums; fill: var(--ink); }
svg text.tick, svg text.axis, svg text.figure { fill: var(--quiet); } svg text.note { font-size: 11.5px; fill: var(--winner); font-weight: 600; } svg text.label.nested { fill: var(--quiet); }
.grid { stroke: var(--grid); } .rule, .zero { stroke: var(--other); } .baseline { stroke: var(--other); stroke-dasharray: 4 4; fill: none; }
.line { fill: none; stroke-width: 1.4; stroke-linejoin: round; } .line.winner { stroke: var(--winner); stroke-width: 2.6; } .line.champion { stroke: var(--champion); stroke-width: 2; stroke-dasharray: 7 3; } .line.other { stroke: var(--other); }
.point { stroke-width: 1.6; } .point.winner { fill: var(--winner); stroke: var(--paper); } .point.champion { fill: var(--champion); stroke: var(--paper); } .point.other { fill: var(--paper); stroke: var(--other); }
.whisker { fill: none; stroke-width: 1.8; } .whisker.winner { stroke: var(--winner); } .whisker.champion { stroke: var(--champion); } .whisker.other { stroke: var(--other); }
.box { stroke-width: 1.6; fill: var(--panel); } .box.winner { stroke: var(--winner); } .box.champion { stroke: var(--champion); } .box.other { stroke: var(--other); }
.bound { stroke: var(--bad); stroke-width: 1.6; fill: none; } .bar { fill: var(--bar); }
.span { fill: var(--bar); } .span.done { fill: var(--winner); } .span.cached { fill: none; stroke: var(--winner); stroke-width: 1.5; } .span.failed { fill: var(--bad); } .span.cancelled, .span.running { fill: var(--other); } .span.nested { opacity: .75; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; margin: 0 0 .6rem; padding: 0; font-size: .85rem; overflow-wrap: anywhere; } .swatch { vertical-align: -1px; margin-right: .35rem; }
svg.spark { display: block; width: 132px; height: 34px; }
`;
