import type { BaseSplit } from './base-split';
import { comparisonText, tagsText } from './base-words';
import type { JudgedImage } from './content';
import { html, type Html } from './html';
import type { Listed } from './listed-findings';
import { severityText, countBySeverity } from '../evidence/severity-counts';

/** What comes from the base image, which a rebuild on a newer one may remove, and what is the image's own. */
export function baseSection(images: readonly JudgedImage[], listed: readonly Listed[]): Html {
  const based = images.filter(({ base }) => base !== undefined);
  if (based.length === 0) return html``;
  return html`<section aria-labelledby="base">
    <h2 id="base">Base image</h2>
    ${based.map(image => ofImage(image.base!, image, listed))}
  </section>`;
}

function ofImage(
  { known, says, unread }: BaseSplit,
  { platform, findings }: JudgedImage,
  listed: readonly Listed[],
): Html {
  const where = platform === undefined ? '' : `[${platform}] `;
  if (known === undefined) {
    return html`${unread === undefined ? undefined : html`<p>${where}${unknown(unread)}</p>`}
    ${
      says === undefined
        ? undefined
        : html`<p>
            ${where}The image says that it is built on <span class="code">${says}</span>. That proves nothing:
            whoever builds an image writes it. No base image is known whose layers this image has.
          </p>`
    }`;
  }
  const its = listed.filter(({ fingerprint }) => known.findings.has(fingerprint));
  const refused = its.filter(({ treatment }) => treatment === 'refused').length;
  const own = findings.length - known.findings.size;
  return html`<p>
      ${where}<strong>${known.findings.size} of ${findings.length} findings</strong> come from the base image
      <strong>${known.title}</strong>, in the lowest ${known.layers} of the image's
      layers${known.findings.size === 0 ? '' : `: ${severityText(countBySeverity(its))}`}. ${own}
      ${own === 1 ? 'is' : 'are'} the image's own.
    </p>
    ${
      known.findings.size === 0
        ? undefined
        : html`<p>
            ${refused === 0 ? '' : `${refused} of the base image's are refused. `}${rebuildText(known)}
          </p>`
    }
    ${unread === undefined ? undefined : html`<p class="quiet">${unknown(unread)}</p>`}
    ${says === undefined ? undefined : html`<p class="quiet">The image says that it is built on ${says}.</p>`}`;
}

function unknown(why: string): string {
  return `Which base image of the base repositories it is built on is not known, because they could not be read: ${why}`;
}

function rebuildText({ advice }: NonNullable<BaseSplit['known']>): string {
  if (advice === undefined) {
    return 'Rebuild on a newer base image first, if there is one that has the fixes: then every image that is built on it gets them.';
  }
  const { newer, unread } = advice;
  if (unread !== undefined) {
    return `Whether a newer base image has the fixes is not known, because it could not be read: ${unread}`;
  }
  if (newer === undefined) return 'No newer image of that repository passes policy.';
  const of = `${newer.reference}${tagsText(newer)}`;
  if (newer.gone.size > 0) return `Rebuild on ${of}: ${comparisonText(newer)}.`;
  return newer.unknown === 0
    ? `${of} passes, and has all of them too: no newer image that was looked at has a fix.`
    : `Whether ${of} has the fixes is not known: ${comparisonText(newer)}.`;
}
