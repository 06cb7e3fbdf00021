/** For screens, narrow and wide, light and dark, and for paper. Contrast is at least that of WCAG 2.2 AA. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1c2126; --quiet: #565f69; --line: #d5dae0; --panel: #f5f7f9; --link: #0b5cad;
  --pass: #136c34; --fail: #b3141d; --error: #7a5200;
  --critical: #8f0d1f; --high: #b5420a; --medium: #7a5a00; --low: #2c5f8a; --unknown: #59636e; --on: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --text: #e4e8ec; --quiet: #a3adb8; --line: #353d46; --panel: #1d232a; --link: #7db7f5;
    --pass: #62d68a; --fail: #ff8a8a; --error: #f0b849;
    --critical: #ff9aa2; --high: #ffb27d; --medium: #f0d070; --low: #9ccbf5; --unknown: #b8c1cb; --on: #14181d;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.2rem; }
p, ul, ol, dl { margin: .5rem 0; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.quiet { color: var(--quiet); }
.code { font-family: ui-monospace, monospace; font-size: .875rem; }
.outcome {
  display: inline-block; margin: 0 0 .5rem; padding: .1rem .9rem; border-radius: .3rem;
  background: var(--verdict); color: var(--on); font-size: 1.25rem; font-weight: 700; letter-spacing: .04em;
}
.PASS { --verdict: var(--pass); } .FAIL { --verdict: var(--fail); } .ERROR, .EXPIRED, .PENDING { --verdict: var(--error); }
header { border-top: .4rem solid var(--verdict); padding-top: 1rem; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .5rem 1.5rem; }
dl.facts dt { color: var(--quiet); font-size: .875rem; } dl.facts dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .4rem .8rem .4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
thead th { color: var(--quiet); font-size: .875rem; font-weight: 600; }
tbody th { font-weight: 400; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.severity {
  display: inline-block; min-width: 5.2rem; padding: 0 .45rem; border-radius: .25rem; text-align: center;
  background: var(--of, var(--unknown)); color: var(--on); font-size: .75rem; font-weight: 700; line-height: 1.5rem;
}
.CRITICAL { --of: var(--critical); } .HIGH { --of: var(--high); } .MEDIUM { --of: var(--medium); } .LOW { --of: var(--low); }
.severity.PASS, .severity.FAIL, .severity.ERROR, .severity.EXPIRED, .severity.PENDING { --of: var(--verdict); }
.FLEET { --verdict: var(--link); }
.steps { padding-left: 1.6rem; } .steps li { margin: .6rem 0; }
.steps strong { font-weight: 600; }
.filters { display: flex; flex-wrap: wrap; gap: .75rem 1rem; padding: .75rem; background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; }
.filters label { display: grid; gap: .15rem; font-size: .875rem; color: var(--quiet); }
.filters label.search { flex: 1 1 16rem; }
input, select, button { font: inherit; color: var(--text); background: var(--page); border: 1px solid var(--quiet); border-radius: .3rem; padding: .35rem .6rem; max-width: 100%; }
button { cursor: pointer; }
.rows { list-style: none; padding: 0; margin: 0; }
.rows li { display: grid; grid-template-columns: 5.6rem minmax(0, 5fr) minmax(0, 4fr) minmax(0, 3fr); gap: .2rem 1rem; padding: .6rem 0; border-bottom: 1px solid var(--line); }
.rows p { margin: 0; }
.rows .quiet { font-size: .875rem; }
.refused { color: var(--fail); font-weight: 600; }
summary { cursor: pointer; color: var(--link); }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .875rem; }
@media (max-width: 45rem) {
  body { padding: 1rem; }
  .rows li { grid-template-columns: 1fr; }
  .filters label { flex: 1 1 100%; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --text: #000; --quiet: #444; --line: #bbb; --panel: #fff; --link: #000;
    --pass: #136c34; --fail: #b3141d; --error: #7a5200;
    --critical: #8f0d1f; --high: #b5420a; --medium: #7a5a00; --low: #2c5f8a; --unknown: #59636e; --on: #fff;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .filters, button { display: none; }
  .severity, .outcome { print-color-adjust: exact; }
  h2 { break-after: avoid; } li, tr { break-inside: avoid; }
  .wide { overflow: visible; }
}
`;
