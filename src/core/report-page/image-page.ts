import { baseSection } from './base-section';
import type { JudgedImage, NoVerdict, ReportContent } from './content';
import { documentOf } from './document';
import { findingsList } from './findings-list';
import { firstSteps, type Step } from './first-steps';
import { html, type Html } from './html';
import { LIST_SCRIPT } from './list-script';
import { listedFindings, type Listed } from './listed-findings';
import { minute } from './time-text';
import { countBySeverity } from '../evidence/severity-counts';
import type { Deadline, Waived } from '../evidence/verdict';
import { grouped } from '../grouped';
import { answersText } from '../scanning/accounting';
import { SEVERITIES } from '../scanning/finding';
import { compareText } from '../text/compare';

const HEADS = { PASS: 'PASS', FAIL: 'FAIL', ERROR: 'INDETERMINATE' } as const;
/** The list of all findings has the rest. */
const MOST_STEPS = 20;
const MOST_LISTED = 50;
const MOST_REASONS = 5;

/** The report of one image, for people: one page that needs nothing else. */
export function imagePage(content: ReportContent): string {
  const { outcome, title, digest, images, noVerdicts } = content;
  const findings = listedFindings(content);
  const body = html`<header class="${outcome}">
      <p class="outcome">${HEADS[outcome]}</p>
      <h1>${title}</h1>
      <p class="code quiet">${digest}</p>
    </header>
    <main>
      ${noVerdicts.map(noVerdict)} ${why(content)} ${steps(findings, content)}
      ${baseSection(images, findings)} ${counts(findings)} ${deadlineList(images)} ${waiverList(images)}
      ${facts(content)} ${findingsList(findings)}
    </main>`;
  return documentOf({
    title: `${HEADS[outcome]}: ${title}`,
    body,
    ...(findings.length > 0 && { script: LIST_SCRIPT }),
  });
}

function facts({ images, policy }: ReportContent): Html {
  const [first] = images;
  if (first === undefined) return html``;
  const { verdict } = first;
  const until = images.map(each => each.verdict.validUntil).sort()[0]!;
  const platforms = images.flatMap(({ platform }) => platform ?? []);
  const of: (readonly [string, string])[] = [
    ...(platforms.length === 0 ? [] : [['Platforms', platforms.join(', ')] as const]),
    ['Scanned', minute(verdict.scannedAt)],
    ['Judged', minute(verdict.evaluatedAt)],
    ['Holds until', minute(until)],
    [
      'Policy',
      `${policy.name}${verdict.policy.revision === 0 ? '' : `, revision ${verdict.policy.revision}`}`,
    ],
    ['Trivy', verdict.scanner.version],
    ['Vulnerability database of', minute(verdict.database.updatedAt)],
    ...images.flatMap(each => packagesFact(each)),
  ];
  return html`<section aria-labelledby="facts">
    <h2 id="facts">About this verdict</h2>
    <dl class="facts">
      ${of.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div> `,
      )}
    </dl>
  </section>`;
}

/** How the report answers for what the image declares to have installed. */
function packagesFact({ platform, verdict: { declared } }: JudgedImage): (readonly [string, string])[] {
  if (declared === undefined) return [];
  return [[platform === undefined ? 'Packages' : `Packages of ${platform}`, answersText(declared)]];
}

function noVerdict({ platform, cause, detail, remedy }: NoVerdict): Html {
  return html`<section>
    <h2>${cause}${platform === undefined ? undefined : html` in ${platform}`}</h2>
    <p>${detail}</p>
    <p><strong>${remedy}</strong></p>
  </section>`;
}

/** The rules that refuse the image, each with the worst that it refuses; or for how long a PASS holds. */
function why({ images, outcome, policy }: ReportContent): Html {
  if (images.length === 0) return html``;
  const violations = images.flatMap(({ verdict, platform }) =>
    verdict.violations.map(each => ({ platform, ...each })),
  );
  const rules = [...new Set(violations.map(({ rule }) => rule))];
  const counted = (rule: string) => images.reduce((sum, { verdict }) => sum + denied(verdict.rules, rule), 0);
  return html`<section aria-labelledby="why">
    <h2 id="why">Why</h2>
    ${
      rules.length === 0
        ? html`<p>
              No rule of the policy ${policy.name} refuses
              ${images.length === 1 ? 'the image' : 'any of the images'}.
            </p>
            ${outcome === 'PASS' ? images.map(howLong) : undefined}`
        : rules.map(rule => {
            const of = violations.filter(each => each.rule === rule);
            const count = counted(rule);
            return html`<p>
                The rule <strong>${rule}</strong> refuses
                ${count === 1 ? 'the image:' : `the image for ${count} reasons, the worst first:`}
              </p>
              <ul>
                ${of
                  .slice(0, MOST_REASONS)
                  .map(({ message, platform }) => html`<li>${message}${inPlatform(platform)}</li> `)}
                ${
                  of.length > MOST_REASONS
                    ? html`<li class="quiet">
                        and ${count - MOST_REASONS} more: see the list of all findings
                      </li>`
                    : undefined
                }
              </ul>`;
          })
    }
  </section>`;
}

function denied(rules: JudgedImage['verdict']['rules'], name: string): number {
  return rules
    .filter(({ rule, action }) => rule === name && action === 'deny')
    .reduce((sum, { count }) => sum + count, 0);
}

function inPlatform(platform: string | undefined): Html | undefined {
  return platform === undefined ? undefined : html` [${platform}]`;
}

function howLong({ verdict, platform }: JudgedImage): Html {
  const { validUntil, scanHoldsUntil, waived, deadlines } = verdict;
  const where = platform === undefined ? 'The verdict' : `The verdict of ${platform}`;
  const end =
    validUntil === scanHoldsUntil
      ? 'then the image must be scanned again'
      : deadlines.some(({ due }) => due === validUntil)
        ? 'then a grace period ends'
        : waived.some(({ waiver }) => waiver.until === validUntil)
          ? 'then a waiver ends'
          : 'then it expires';
  return html`<p>${where} holds until ${minute(validUntil)}: ${end}.</p>`;
}

function steps(findings: readonly Listed[], content: ReportContent): Html {
  const all = firstSteps(findings, content);
  if (all.length === 0) return html``;
  const [first, rest] = [all.slice(0, MOST_STEPS), all.slice(MOST_STEPS, 10 * MOST_STEPS)];
  const left = all.length - first.length - rest.length;
  return html`<section aria-labelledby="steps">
    <h2 id="steps">What to do first</h2>
    <ol class="steps">
      ${first.map(stepItem)}
    </ol>
    ${
      rest.length === 0
        ? undefined
        : html`<details>
            <summary>${rest.length} more</summary>
            <ol class="steps" start="${MOST_STEPS + 1}">
              ${rest.map(stepItem)}
            </ol>
            ${left === 0 ? undefined : html`<p class="quiet">and ${left} more: see the list of all findings</p>`}
          </details>`
    }
  </section>`;
}

function stepItem({ what, why: reason, severities, refused, vanish }: Step): Html {
  const effect = vanish === 0 ? '' : `${vanish} ${vanish === 1 ? 'finding vanishes' : 'findings vanish'}`;
  const of =
    refused === 0 ? '' : refused === vanish ? ', all of them refused' : `, ${refused} of them refused`;
  return html`<li>
    <strong>${what}</strong>${effect === '' ? undefined : html`: ${effect}${of}`}
    ${SEVERITIES.filter(severity => severities[severity] > 0).map(
      severity => html`<span class="severity ${severity}">${severities[severity]} ${severity}</span> `,
    )}
    ${reason === '' ? undefined : html`<br /><span class="quiet">${reason}</span>`}
  </li> `;
}

/** What was found, and what the policy makes of it: also what it leaves out, and why. */
function counts(findings: readonly Listed[]): Html {
  if (findings.length === 0) {
    return html`<section aria-labelledby="counts">
      <h2 id="counts">Findings</h2>
      <p>Nothing was found.</p>
    </section>`;
  }
  const rows = [...grouped(findings, ({ treatment, why: reason }) => `${treatment}: ${reason}`).values()];
  return html`<section aria-labelledby="counts">
    <h2 id="counts">Findings by severity</h2>
    <div class="wide" tabindex="0" role="region" aria-label="Table of findings by severity">
      <table>
        <thead>
          <tr>
            <th scope="col">What the policy makes of them</th>
            ${SEVERITIES.map(severity => html`<th scope="col" class="number">${severity}</th> `)}
          </tr>
        </thead>
        <tbody>
          ${rows.slice(0, MOST_LISTED).map(row => {
            const { treatment, why: reason } = row[0]!;
            const by = countBySeverity(row);
            return html`<tr>
              <th scope="row">
                <span class="${treatment === 'refused' ? 'refused' : ''}">${treatment}</span
                >${reason === '' ? '' : `: ${reason}`}
              </th>
              ${SEVERITIES.map(severity => html`<td class="number">${by[severity]}</td> `)}
            </tr> `;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

function deadlineList(images: readonly JudgedImage[]): Html {
  const all = images
    .flatMap(({ verdict, platform }) =>
      verdict.deadlines.map(each => ({ ...(platform !== undefined && { platform }), ...each })),
    )
    .sort((a, b) => compareText(a.due, b.due));
  if (all.length === 0) return html``;
  return html`<section aria-labelledby="deadlines">
    <h2 id="deadlines">To be fixed by</h2>
    <ul>
      ${all.slice(0, MOST_LISTED).map(deadlineItem)} ${more(all.length)}
    </ul>
  </section>`;
}

function deadlineItem({ due, message, remedy, platform }: Deadline): Html {
  return html`<li>
    <strong><time datetime="${due}">${minute(due)}</time></strong
    >: ${message}${inPlatform(platform)} <br /><span class="quiet">${remedy}</span>
  </li> `;
}

/** Each waiver once, with all that it covers. */
function waiverList(images: readonly JudgedImage[]): Html {
  const covered = new Map<string, Waived[]>();
  for (const each of images.flatMap(({ verdict }) => verdict.waived)) {
    covered.set(each.waiver.key, [...(covered.get(each.waiver.key) ?? []), each]);
  }
  // the list of what is waived is cut, this is not
  const countOf = (key: string) =>
    images.reduce((sum, { verdict }) => sum + (verdict.waivedBy[key]?.length ?? 0), 0);
  if (covered.size === 0) return html``;
  return html`<section aria-labelledby="waivers">
    <h2 id="waivers">Waivers</h2>
    <ul>
      ${[...covered].slice(0, MOST_LISTED).map(([key, of]) => waiverItem(of, countOf(key)))}
      ${more(covered.size)}
    </ul>
  </section>`;
}

function waiverItem(covered: readonly Waived[], count: number): Html {
  const { owner, reason, ticket, until } = covered[0]!.waiver;
  const names = [
    ...new Set(
      covered.map(({ id, rule, package: name }) => `${id ?? rule}${name === undefined ? '' : ` in ${name}`}`),
    ),
  ];
  const shown = names.slice(0, 10).join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '');
  return html`<li>
    <strong>${owner}</strong> until
    <time datetime="${until}">${minute(until)}</time>${ticket === undefined ? undefined : html` (${ticket})`}:
    ${reason} <br /><span class="quiet"
      >covers ${plural(Math.max(count, names.length), 'finding')}: ${shown}</span
    >
  </li> `;
}

function more(count: number): Html | undefined {
  return count > MOST_LISTED ? html`<li class="quiet">and ${count - MOST_LISTED} more</li>` : undefined;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
