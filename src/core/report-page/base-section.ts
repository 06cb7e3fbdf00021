import type { BaseSplit } from './base-split';
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
  { known, says }: BaseSplit,
  { platform, findings }: JudgedImage,
  listed: readonly Listed[],
): Html {
  const where = platform === undefined ? '' : `[${platform}] `;
  if (known === undefined) {
    return html`<p>
      ${where}The image says that it is built on <span class="code">${says}</span>. That proves nothing:
      whoever builds an image writes it. The policy names no layers of a base image that this image has.
    </p>`;
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
        : html`<p class="quiet">
            ${refused === 0 ? '' : `${refused} of the base image's are refused. `}Rebuild on a newer base
            image first, if there is one that has the fixes: then every image that is built on it gets them.
          </p>`
    }
    ${says === undefined ? undefined : html`<p class="quiet">The image says that it is built on ${says}.</p>`}`;
}
