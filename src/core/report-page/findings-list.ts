import { data, html, httpsAddress, type Html } from './html';
import type { Listed } from './listed-findings';
import { STANDINGS } from '../evaluation/standing';
import { Limit } from '../limits';
import { FINDING_TYPES, SEVERITIES } from '../scanning/finding';
import { plainText } from '../text/plain-text';

/** All findings, as data: the script of the page shows those that are asked for, a hundred at a time. */
export function findingsList(findings: readonly Listed[]): Html {
  const listed = findings.slice(0, Limit.pageFindings);
  const left = findings.length - listed.length;
  return html`<section aria-labelledby="list">
    <h2 id="list">All findings</h2>
    ${
      left === 0
        ? undefined
        : html`<p>
            This list has the ${listed.length} findings that come first, what is refused before everything
            else. ${left} more are only in the report.
          </p>`
    }
    <p id="scriptless">The list needs JavaScript. What is above does not.</p>
    <form id="filters" class="filters" hidden>
      <label class="search"
        >Search <input id="search" type="search" autocomplete="off" placeholder="CVE, package, path, text"
      /></label>
      ${choice('severity', 'Severity', SEVERITIES, new Set(listed.map(({ severity }) => severity)))}
      ${choice('standing', 'Verdict', STANDINGS, new Set(listed.map(({ standing }) => standing)))}
      ${choice('type', 'Kind', FINDING_TYPES, new Set(listed.map(({ type }) => type)))}
    </form>
    <p id="count" class="quiet" role="status"></p>
    <ol id="findings" class="findings"></ol>
    <button id="more" type="button" hidden>Show 100 more</button>
    ${data('data', rowsOf(listed))}
  </section>`;
}

function choice<T extends string>(
  id: string,
  name: string,
  values: readonly T[],
  inUse: ReadonlySet<T>,
): Html {
  return html`<label
    >${name}
    <select id="${id}">
      <option value="">any</option>
      ${values.map((value, at) =>
        inUse.has(value) ? html`<option value="${at}">${value}</option>` : undefined,
      )}
    </select></label
  >`;
}

/** By columns, and with each long text that many findings share once: 10,000 findings are some 3 MB. */
function rowsOf(findings: readonly Listed[]): object {
  const [whys, platforms] = [new Numbers(), new Numbers()];
  const rows = findings.map(finding => [
    SEVERITIES.indexOf(finding.severity),
    STANDINGS.indexOf(finding.standing),
    FINDING_TYPES.indexOf(finding.type),
    ...[
      finding.id,
      finding.title,
      finding.package,
      finding.installedVersion,
      finding.fixedVersion,
      finding.path,
    ].map(text => shown(text)),
    httpsAddress(finding.url) ?? '',
    whys.of(shown(finding.why)),
    platforms.of(shown(finding.platforms.join(', '))),
  ]);
  return {
    severities: SEVERITIES,
    standings: STANDINGS,
    types: FINDING_TYPES,
    whys: whys.texts,
    platforms: platforms.texts,
    rows,
  };
}

function shown(text = ''): string {
  return plainText(text, Limit.textCharacters);
}

/** Texts by the order in which they came. */
class Numbers {
  private readonly known = new Map<string, number>();

  public get texts(): readonly string[] {
    return [...this.known.keys()];
  }

  public of(text: string): number {
    const number = this.known.get(text) ?? this.known.size;
    this.known.set(text, number);
    return number;
  }
}
