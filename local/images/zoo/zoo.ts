import { helmChart } from '../artifact';
import { Content } from '../content';
import { canaryImage } from './canaries';
import * as indexes from './indexes';
import * as malformed from './malformed';
import * as ordinary from './ordinary';

/** Images by name, each in the zoo for one reason. Built on demand, and always the same bytes. */
export const ZOO = {
  clean: ordinary.clean,
  'fixable-critical': ordinary.fixableCritical,
  'secret-deleted-later': ordinary.secretDeletedLater,
  'secret-behind-history': ordinary.secretBehindHistory,
  root: ordinary.root,
  'root-without-history': ordinary.rootWithoutHistory,
  'alpine-eol': ordinary.alpineEol,
  'unfixed-only': ordinary.unfixedOnly,
  'unknown-os-release': ordinary.unknownOsRelease,
  'no-packages': ordinary.noPackages,
  scratch: ordinary.scratch,
  log4shell: ordinary.log4shell,
  'many-findings': ordinary.manyFindings,
  canaries: canaryImage,
  'clean-and-vulnerable': indexes.cleanAndVulnerable,
  decoy: indexes.decoy,
  attested: indexes.attested,
  'duplicate-diff-ids': malformed.duplicateDiffIds,
  'layer-with-urls': malformed.layerWithUrls,
  'broken-corrupt-layer': malformed.brokenCorruptLayer,
  'missing-blob': malformed.missingBlob,
  'helm-chart': () => helmChart('demo'),
} as const satisfies Record<string, () => Promise<Content>>;

export type ZooName = keyof typeof ZOO;
export const ZOO_NAMES = Object.keys(ZOO) as ZooName[];

export function zooImage(name: ZooName): Promise<Content> {
  return ZOO[name]();
}
