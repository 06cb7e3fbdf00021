import { documentOf } from './document';
import { html, type Html } from './html';
import { list, type Row } from './list';
import { LIST_SCRIPT } from './list-script';
import { minute } from './time-text';
import { severityText } from '../evidence/severity-counts';
import type { SeverityCounts, Violation } from '../evidence/verdict';
import { grouped } from '../grouped';
import { compareText } from '../text/compare';

export const FLEET_OUTCOMES = ['FAIL', 'EXPIRED', 'ERROR', 'PENDING', 'PASS'] as const;

/** What is on record of one image. */
export interface FleetImage {
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly outcome: (typeof FLEET_OUTCOMES)[number];
  readonly revoked: boolean;
  /** Gates admit it until then, although it fails: the brake holds its revocation. */
  readonly heldUntil?: string;
  readonly signed: boolean;
  readonly scannedAt?: string;
  readonly validUntil?: string;
  readonly counts?: SeverityCounts;
  readonly violations?: number;
  readonly lastFailedScan?: { readonly cause: string; readonly detail: string };
  /** What has to be fixed by when, or should have been. Undefined if the verdict could not be read. */
  readonly dues?: readonly Due[];
  /** Undefined if it is not known. */
  readonly base?: ImageBase;
}

/** What an image is built on. */
export interface ImageBase {
  readonly title: string;
  /** How many findings come from it, and how many are the image's own. */
  readonly findings: number;
  readonly own: number;
  /** A newer one of the same line of tags that passes: this one is outdated. */
  readonly newer?: string;
}

export type Due = Pick<Violation, 'message' | 'remedy'> & { readonly due: string };

export interface Fleet {
  readonly title: string;
  readonly images: readonly FleetImage[];
  readonly at: Date;
}

const MOST_LISTED = 100;
const MEANING: Readonly<Record<FleetImage['outcome'], string>> = {
  FAIL: 'refused by policy',
  EXPIRED: 'passed, and was not scanned or judged again in time',
  ERROR: 'indeterminate: no scan could decide',
  PENDING: 'not judged yet',
  PASS: 'passes policy',
};

/** All images of a trust, as the register has them at one moment. */
export function fleetPage({ title, images, at }: Fleet): string {
  const sorted = [...images].sort(
    (a, b) =>
      FLEET_OUTCOMES.indexOf(a.outcome) - FLEET_OUTCOMES.indexOf(b.outcome) ||
      compareText(a.repository, b.repository) ||
      compareText(b.scannedAt ?? '', a.scannedAt ?? ''),
  );
  const body = html`<header class="FLEET">
      <h1>${title}</h1>
      <p class="quiet">As the register had it at ${minute(at.toISOString())}.</p>
    </header>
    <main>
      ${outcomes(images)} ${dues(images, at)} ${bases(images)}
      ${list({
        title: 'All images',
        placeholder: 'repository, tag, digest, cause',
        filters: [
          { id: 'outcome', label: 'Verdict', values: FLEET_OUTCOMES },
          { id: 'deadline', label: 'Deadline', values: DEADLINES },
          { id: 'base', label: 'Base image', values: BASES },
        ],
        rows: sorted.map(image => row(image, at)),
      })}
    </main>`;
  return documentOf({ title, body, ...(images.length > 0 && { script: LIST_SCRIPT }) });
}

function outcomes(images: readonly FleetImage[]): Html {
  return html`<section aria-labelledby="outcomes">
    <h2 id="outcomes">${images.length === 1 ? '1 image' : `${images.length} images`}</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Meaning</th>
          <th scope="col" class="number">Images</th>
        </tr>
      </thead>
      <tbody>
        ${FLEET_OUTCOMES.map(
          outcome =>
            html`<tr>
              <th scope="row">${outcome}</th>
              <td>${MEANING[outcome]}</td>
              <td class="number">${images.filter(image => image.outcome === outcome).length}</td>
            </tr> `,
        )}
      </tbody>
    </table>
    ${heldText(images)}
  </section>`;
}

function heldText(images: readonly FleetImage[]): Html {
  const ends = images.flatMap(({ heldUntil }) => heldUntil ?? []).sort();
  if (ends.length === 0) return html``;
  return html`<p class="refused">
    The brake holds
    ${ends.length === 1 ? 'the revocation of 1 image' : `the revocations of ${ends.length} images`}: gates
    admit what fails, the last one until ${minute(ends.at(-1)!)}.
  </p>`;
}

const DEADLINES = ['overdue', 'ahead', 'none', 'unknown'] as const;

function deadlineOf({ dues: all }: FleetImage, at: Date): (typeof DEADLINES)[number] {
  if (all === undefined) return 'unknown';
  if (all.some(({ due }) => isOver(due, at))) return 'overdue';
  return all.length > 0 ? 'ahead' : 'none';
}

function isOver(due: string, at: Date): boolean {
  return Date.parse(due) <= at.getTime();
}

/** Overdue ones come first: their time is over. */
function dues(images: readonly FleetImage[], at: Date): Html {
  const all = images
    .flatMap(image => (image.dues ?? []).map(due => ({ image, ...due })))
    .sort((a, b) => compareText(a.due, b.due));
  if (all.length === 0) return html``;
  const overdue = all.filter(({ due }) => isOver(due, at)).length;
  return html`<section aria-labelledby="dues">
    <h2 id="dues">To be fixed</h2>
    <p>${overdue} overdue, ${all.length - overdue} ahead.</p>
    <ul>
      ${all
        .slice(0, MOST_LISTED)
        .map(
          ({ due, message, remedy, image }) =>
            html`<li>
              <strong>${image.repository}${image.tags.length === 0 ? '' : `:${image.tags[0]}`}</strong>,
              <span class="${isOver(due, at) ? 'refused' : ''}"
                >${isOver(due, at) ? 'overdue since' : 'by'} ${minute(due)}</span
              >: ${message}<br /><span class="quiet">${remedy}</span>
            </li> `,
        )}
      ${
        all.length > MOST_LISTED
          ? html`<li class="quiet">and ${all.length - MOST_LISTED} more: filter the list by its deadline</li>`
          : undefined
      }
    </ul>
  </section>`;
}

const BASES = ['outdated', 'no newer one', 'not known'] as const;

function baseStateOf({ base }: FleetImage): (typeof BASES)[number] {
  if (base === undefined) return 'not known';
  return base.newer === undefined ? 'no newer one' : 'outdated';
}

/** The base image with the most images first. */
function bases(images: readonly FleetImage[]): Html {
  const based = images.flatMap(({ base }) => base ?? []);
  if (based.length === 0) return html``;
  const outdated = based.filter(({ newer }) => newer !== undefined);
  const groups = [...grouped(outdated, ({ title }) => title).values()].sort((a, b) => b.length - a.length);
  return html`<section aria-labelledby="bases">
    <h2 id="bases">Base images</h2>
    <p>
      <strong
        >${outdated.length === 1 ? '1 image is' : `${outdated.length} images are`} on an outdated base
        image</strong
      >, of ${based.length} whose base image is known. ${sum(based.map(({ findings }) => findings))} findings
      come from base images, ${sum(based.map(({ own }) => own))} are the images' own.
    </p>
    <ul>
      ${groups
        .slice(0, MOST_LISTED)
        .map(
          group =>
            html`<li>
              <strong>${group[0]!.title}</strong>:
              ${group.length === 1 ? '1 image' : `${group.length} images`},
              ${sum(group.map(({ findings }) => findings))} findings. A newer one passes: ${group[0]!.newer}
            </li> `,
        )}
      ${
        groups.length > MOST_LISTED
          ? html`<li class="quiet">
              and ${groups.length - MOST_LISTED} more: filter the list by base image
            </li>`
          : undefined
      }
    </ul>
  </section>`;
}

function baseText({ base }: FleetImage): string {
  if (base === undefined) return '';
  return `${base.findings} findings from ${base.title}, ${base.own} of its own`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

function row(image: FleetImage, at: Date): Row {
  const { repository, digest, tags, outcome, signed, scannedAt, lastFailedScan } = image;
  const deadline = deadlineOf(image, at);
  return {
    filters: [outcome, deadline, baseStateOf(image)],
    cells: [
      [{ text: outcome, look: `severity ${outcome}` }],
      [{ text: repository }, { text: tags.join(', '), look: 'quiet' }, { text: digest, look: 'quiet code' }],
      [
        { text: countsText(image) },
        { text: baseText(image), look: 'quiet' },
        { text: holds(image) },
        { text: scannedAt === undefined ? '' : `scanned ${minute(scannedAt)}`, look: 'quiet' },
        {
          text: lastFailedScan === undefined ? '' : `${lastFailedScan.cause}: ${lastFailedScan.detail}`,
          look: 'quiet',
        },
      ],
      [
        { text: revokedText(image), look: 'refused' },
        { text: outcome === 'PASS' ? (signed ? 'signed' : 'not signed') : '' },
        {
          text: deadline === 'none' ? '' : `deadline: ${deadline}`,
          look: deadline === 'overdue' ? 'refused' : '',
        },
        { text: image.base?.newer === undefined ? '' : 'outdated base image' },
      ],
    ],
  };
}

function revokedText({ revoked, heldUntil }: FleetImage): string {
  if (heldUntil !== undefined) return `held by the brake: admitted until ${minute(heldUntil)}`;
  return revoked ? 'revoked' : '';
}

function holds({ outcome, validUntil }: FleetImage): string {
  if (validUntil === undefined || outcome === 'FAIL') return '';
  return `${outcome === 'EXPIRED' ? 'held' : 'holds'} until ${minute(validUntil)}`;
}

function countsText({ counts, violations }: FleetImage): string {
  if (counts === undefined) return '';
  const refused = (violations ?? 0) > 0 ? `${violations} refused; ` : '';
  return `${refused}${severityText(counts) || 'no findings'}`;
}
