import * as z from 'zod';
import { Digest } from '../image/image';
import { failed, ok, type Result } from '../result';
import { Cause, type Failure } from './failed-scan';
import type { TrivyReport } from './trivy-report';
import { parseJson } from '../text/json';
import { plainText } from '../text/plain-text';

/** What the reader of images writes, into its own folder. */
export const NormalFormFile = {
  image: 'image',
  form: 'form.json',
  /** After the scan. */
  accounting: 'accounting.json',
} as const;

/** Its path from the folder that Trivy starts in. A report names the image by it. */
export const SCAN_INPUT = `form/${NormalFormFile.image}`;

/** The packages of the reader of images, one for each `process.platform` and `process.arch`. */
export const READER_PACKAGE = '@cdk-trusted-images/reader-';

export function readerFile(platform: string): string {
  return platform.startsWith('win32') ? 'normal-form.exe' : 'normal-form';
}

const DETAIL_CHARACTERS = 400;

/** A layer of the normal form, the layer of the image that it was written from, and what it has of it. */
const Layer = z.object({
  normal: Digest,
  digest: Digest,
  diffId: Digest,
  holds: z.enum(['files', 'sboms', 'linked', 'programs', 'covered']),
});

/** What /etc/passwd of the image says of the user in its config, or why no id is certain in all runtimes. */
const User = z.object({
  name: z.string(),
  uid: z.number().int().optional(),
  line: z.number().int().positive().optional(),
  unknown: z.string().optional(),
});

/** A secret that the reader itself found, in any byte: where, and by which rule of Trivy it would be one. */
const FoundSecret = z.object({ path: z.string(), rule: z.string().min(1), layer: Digest.optional() });

/** `form.json`: which image was read, with all its hashes, and the normal form that Trivy saw. */
export const NormalForm = z.object({
  version: z.literal(2),
  image: Digest,
  config: Digest,
  normalConfig: Digest,
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }),
  javaArchives: z.boolean(),
  /** Those of the config. The layers of the form are others, in another order. */
  diffIds: z.array(Digest),
  layers: z.array(Layer),
  /** Absent where the config names no user, or a number. Of a name without it, nothing is known. */
  user: User.optional(),
  /** What the reader of images found itself. */
  secrets: z.array(FoundSecret),
  /** How many are not listed. */
  moreSecrets: z.number().int().optional(),
});
export type NormalForm = z.infer<typeof NormalForm>;

const Refused = z.object({ version: z.literal(2), failure: z.object({ cause: Cause, detail: z.string() }) });

/** Reads `form.json`, or says why there is no normal form. */
export function readNormalForm(text: string): Result<NormalForm, Failure> {
  const document = parseJson(text);
  const refused = Refused.safeParse(document);
  if (refused.success) {
    return failed({
      cause: refused.data.failure.cause,
      detail: plainText(refused.data.failure.detail, DETAIL_CHARACTERS),
    });
  }
  const form = NormalForm.safeParse(document);
  return form.success
    ? ok(form.data)
    : failed({
        cause: 'REPORT_INVALID',
        detail: `${NormalFormFile.form} is not as the reader of images writes it`,
      });
}

/** The image that was to be scanned. */
export interface AskedImage {
  /** Its name in a registry. */
  readonly reference: string;
  readonly digest: string;
  readonly configDigest: string;
}

/**
 * Turns a report about a normal form into one about its image: with the name, config and layers of the
 * image. Fails if the report or the form belongs to another image (rule 5.2, provenance).
 */
export function ofOriginal(
  report: TrivyReport,
  form: NormalForm,
  asked: AskedImage,
): Result<TrivyReport, string> {
  if (form.image !== asked.digest) {
    return failed(`the normal form is of ${form.image}, asked for: ${asked.digest}`);
  }
  if (form.config !== asked.configDigest) {
    return failed(
      `the normal form is of an image with the config ${form.config}, asked for: ${asked.configDigest}`,
    );
  }
  const { ArtifactName, Metadata, Results } = report;
  if (ArtifactName !== SCAN_INPUT) {
    return failed(`the report is about ${plainText(ArtifactName, 120)}, asked for: ${SCAN_INPUT}`);
  }
  if (Metadata.ImageID !== form.normalConfig) {
    return failed(
      `the report is about an image with the config ${plainText(Metadata.ImageID, 80)}, asked for: ${form.normalConfig}`,
    );
  }
  const original = new Map(form.layers.map(layer => [layer.normal, layer]));
  const stranger = (Metadata.DiffIDs ?? []).find(diffId => !original.has(diffId));
  if (stranger !== undefined) {
    return failed(
      `the report is about a layer ${plainText(stranger, 80)}, which the normal form does not have`,
    );
  }
  const at = <T extends { Layer?: { Digest?: string; DiffID?: string } }>(found: T): T => {
    const layer = found.Layer?.DiffID === undefined ? undefined : original.get(found.Layer.DiffID);
    const { Layer: _normal, ...rest } = found;
    return {
      ...rest,
      ...(layer !== undefined && { Layer: { Digest: layer.digest, DiffID: layer.diffId } }),
    } as T;
  };
  const results = Results?.map(({ Target, Vulnerabilities, Secrets, ...rest }) => ({
    ...rest,
    // of packages of a language it is a file, which can have any name
    Target: rest.Class === 'lang-pkgs' ? Target : targetOf(shownPath(Target, form.image), asked.reference),
    ...(Vulnerabilities !== undefined && { Vulnerabilities: Vulnerabilities.map(at) }),
    ...(Secrets !== undefined && { Secrets: Secrets.map(at) }),
  }));
  const all = [...(results ?? []), ...secretsOf(form, asked, results ?? [])];
  return ok({
    ...report,
    ArtifactName: asked.reference,
    Metadata: {
      ...Metadata,
      ImageID: form.config,
      DiffIDs: form.diffIds,
      RepoDigests: [asked.reference],
      ImageConfig: withUser(Metadata.ImageConfig, form),
    },
    ...((results !== undefined || all.length > 0) && { Results: all }),
  });
}

type Results = NonNullable<TrivyReport['Results']>;

const TITLES: Readonly<Record<string, string>> = {
  'age-secret-key': 'age secret key',
  'github-app-token': 'GitHub App Token',
  'github-fine-grained-pat': 'GitHub Fine-grained personal access tokens',
  'github-oauth': 'GitHub OAuth Access Token',
  'github-pat': 'GitHub Personal Access Token',
  'github-refresh-token': 'GitHub Refresh Token',
  'gitlab-pat': 'GitLab Personal Access Token',
  'npm-access-token': 'npm access token',
  'private-key': 'Asymmetric Private Key',
  'slack-access-token': 'Slack token',
  'stripe-secret-token': 'Stripe Secret Key',
};

/** Secrets that the reader found, unless Trivy reports one of that kind at that place itself. */
function secretsOf({ secrets, moreSecrets = 0, layers }: NormalForm, asked: AskedImage, own: Results) {
  const known = new Set(
    own.flatMap(({ Target, Secrets = [] }) => Secrets.map(({ RuleID }) => JSON.stringify([Target, RuleID]))),
  );
  const placeOf = ({ path, layer }: z.infer<typeof FoundSecret>) => {
    if (layer !== undefined) return `/${path}`;
    return path === 'config' ? asked.reference : `${asked.reference} (${path})`;
  };
  const found: Results = secrets
    .filter(secret => !known.has(JSON.stringify([placeOf(secret), secret.rule])))
    .map(secret => {
      const layer = layers.find(({ digest }) => digest === secret.layer);
      return secretAt(placeOf(secret), secret.rule, TITLES[secret.rule] ?? secret.rule, layer);
    });
  if (moreSecrets > 0) {
    found.push(secretAt(asked.reference, 'more-secrets', `${moreSecrets} more secrets than are listed`));
  }
  return found;
}

function secretAt(
  target: string,
  rule: string,
  title: string,
  layer?: { readonly digest: string; readonly diffId: string },
): Results[number] {
  return {
    Target: target,
    Class: 'secret',
    Secrets: [
      {
        RuleID: rule,
        Severity: 'HIGH',
        Title: title,
        ...(layer !== undefined && { Layer: { Digest: layer.digest, DiffID: layer.diffId } }),
      },
    ],
  };
}

function withUser(config: TrivyReport['Metadata']['ImageConfig'], { user }: NormalForm) {
  if (user === undefined || config.config === undefined) return config;
  const { name, uid, line, unknown } = user;
  const UserEntry = {
    Name: name,
    ...(uid !== undefined && { Uid: uid }),
    ...(line !== undefined && { Line: line }),
    ...(unknown !== undefined && { Unknown: plainText(unknown, DETAIL_CHARACTERS) }),
  };
  return { ...config, config: { ...config.config, UserEntry } };
}

/**
 * The path of a file in its image. What no layer above shows any more stands in the normal form under a name
 * that only the search for secrets reads (`coveredName` in `normal-form/covered.go`).
 */
function shownPath(target: string, image: string): string {
  const mark = `~${image.slice('sha256:'.length).slice(0, 16)}.`;
  const at = target.indexOf(mark);
  if (at < 0) return target;
  const name = target.slice(target.indexOf('/', at) + 1);
  return target.slice(0, at) + name.replace(/^~(.*)~$/s, '$1');
}

/** For findings in the config, Trivy's target is the image: `<name> (debian 13.1)`. */
function targetOf(target: string, reference: string): string {
  return target === SCAN_INPUT || target.startsWith(`${SCAN_INPUT} (`)
    ? `${reference}${target.slice(SCAN_INPUT.length)}`
    : target;
}
