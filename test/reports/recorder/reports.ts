import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProductionsWords } from './failures';
import { scan, Scanner } from './scan';
import { Content } from '../../../local/images/content';
import { mustRun } from '../../../local/tools/command';

const LARGEST = 200_000;
const FORMATS = { sarif: 'sarif.json', cyclonedx: 'cdx.json' } as const;

/** An image, or each child of an index, by the name that its files get. */
export function platformsOf(
  name: string,
  content: Content,
): { readonly name: string; readonly image: Content }[] {
  if (content.children.length === 0) return [{ name, image: content }];
  return content.children.map(image => {
    const { os, architecture } = image.descriptor.platform ?? { os: 'unknown', architecture: 'unknown' };
    return { name: `${name}.${os}-${architecture}`, image };
  });
}

/**
 * Write what Trivy reports of an image's normal form, and what that form is of; say why when there is nothing
 * to write.
 */
export async function recordReport(
  scanner: Scanner,
  folder: string,
  name: string,
  image: Content,
): Promise<string> {
  const ended = await scan(scanner, image);
  if ('cause' in ended) return `${name}: not read, ${ended.cause}: ${ended.detail}`;
  const { code, report, stderr, form } = ended;
  if (code !== 0 || report === undefined) return `${name}: no report, trivy ended with ${code}`;
  if (report.length > LARGEST) return `${name}: report of ${report.length} bytes is too large to keep`;
  await writeFile(join(folder, `${name}.json`), report);
  await writeFile(join(folder, `${name}.form.json`), JSON.stringify(form, undefined, 2) + '\n');
  await writeFile(join(folder, `${name}.stderr.txt`), inProductionsWords(stderr));
  return `${name}.json: ${findingsIn(report)} findings`;
}

/** What the registry holds: the manifest or index, and the config of an image. */
export async function recordImage(folder: string, name: string, content: Content): Promise<void> {
  const config = content.children.length > 0 ? undefined : content.blobs[0];
  await writeFile(
    join(folder, `${name}.image.json`),
    JSON.stringify(
      {
        digest: content.descriptor.digest,
        mediaType: content.descriptor.mediaType,
        manifest: parse(content.bytes),
        config: config && parse(config.bytes),
      },
      undefined,
      2,
    ) + '\n',
  );
}

/** The same report in the other formats. */
export async function recordFormats({ trivy }: Scanner, folder: string, name: string): Promise<void> {
  const empty = await mkdtemp(join(tmpdir(), 'record-'));
  try {
    for (const [format, suffix] of Object.entries(FORMATS)) {
      await mustRun(
        trivy,
        [
          'convert',
          '--format',
          format,
          '--output',
          join(folder, `${name}.${suffix}`),
          join(folder, `${name}.json`),
        ],
        'see whether the report is one of this version',
        { cwd: empty },
      );
    }
  } finally {
    await rm(empty, { recursive: true, force: true });
  }
}

function parse(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8'));
}

function findingsIn(report: string): number {
  const { Results = [] } = JSON.parse(report) as {
    Results?: Partial<Record<'Vulnerabilities' | 'Secrets' | 'Misconfigurations', unknown[]>>[];
  };
  return Results.reduce(
    (sum, { Vulnerabilities = [], Secrets = [], Misconfigurations = [] }) =>
      sum + Vulnerabilities.length + Secrets.length + Misconfigurations.length,
    0,
  );
}
