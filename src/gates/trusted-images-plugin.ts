import { resolve } from 'path';
import {
  Reference,
  Stack,
  Token,
  Tokenization,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  type PolicyViolation,
} from 'aws-cdk-lib';
import { appTemplates, isUnder, type AppTemplate } from './app-templates';
import type { Enrolment } from '../core/image/enrolment';
import { Digest } from '../core/image/image';
import { imagesOf } from '../core/template/container-images';
import { IMAGE_RULES, judgeImage, type AllowedImages, type ImageIssue } from '../core/template/judge-image';
import { judgeResource, judgeTransforms } from '../core/template/judge-resource';
import { TemplateValues, UNKNOWN_ACCOUNT, UNKNOWN_REGION } from '../core/template/template-values';
import { checkProperties, optional, required, TEXT, type Properties } from '../properties/properties';
import { RepositorySelector, SELECTORS } from '../repository/repository-selector';

/**
 * Properties of the plugin.
 */
export interface TrustedImagesPluginProps {
  /**
   * The enrolled repositories: what the `ImageTrust` has, which may be in another app.
   */
  readonly repositories: RepositorySelector[];

  /**
   * The account of the enrolled repositories, 12 digits.
   *
   * @default - the account of each stack
   */
  readonly account?: string;

  /**
   * The region of the enrolled repositories.
   *
   * @default - the region of each stack
   */
  readonly region?: string;

  /**
   * External images that are allowed, by their digest: `sha256:<64 hex>`, or a reference that ends with
   * `@sha256:<64 hex>`. Only the digest counts. Throws for a tag.
   *
   * @default - none
   */
  readonly allowedImages?: string[];

  /**
   * Whether an image in an enrolled repository must be a `TrustedImage`, so that its deployment asks for
   * trust. Leave it out if another gate asks, for example in the pipeline.
   *
   * @default false - the digest of an image in an enrolled repository is enough
   */
  readonly requireTrustedImage?: boolean;
}

const TRUSTED_IMAGES_PLUGIN: Properties<TrustedImagesPluginProps> = {
  repositories: required([RepositorySelector], SELECTORS),
  account: optional(),
  region: optional(),
  allowedImages: optional([TEXT], 'a list of digests, sha256:<64 hex>, or of references that end with one'),
  requireTrustedImage: optional(),
};

const NAME = 'TrustedImages';

/**
 * Checks the templates of an app when it is synthesised: it names each container whose image has a tag, is
 * not in an enrolled repository, or cannot be told. Then `cdk synth` and `cdk deploy` fail.
 *
 * ```
 * const plugin = new TrustedImagesPlugin({ repositories: [RepositorySelector.prefix('team/')] });
 * Validations.of(app).addPlugins(plugin);
 * ```
 *
 * It looks at Amazon ECS, AWS Lambda, AWS Batch, App Runner, SageMaker, Bedrock AgentCore and others. What
 * only deployment knows is reported too: macros, modules, loops, and templates that are not of the app. A
 * report names the rule with the construct, so that a person can acknowledge one of them:
 * `Validations.of(construct).acknowledge({ id: 'TrustedImages::by-tag[Stack/Task/Resource]', reason: '…' })`.
 *
 * It is a check for people who forget, not a gate: who deploys past it is not stopped.
 */
export class TrustedImagesPlugin implements IPolicyValidationPlugin {
  /** The name of the plugin in reports. */
  public readonly name = NAME;

  /** The rules. In a report, the path of the construct follows: `by-tag[Stack/Task/Resource]`. */
  public readonly ruleIds?: string[] = [...IMAGE_RULES];

  private readonly digests: ReadonlySet<string>;

  constructor(private readonly props: TrustedImagesPluginProps) {
    checkProperties('TrustedImagesPluginProps', props, TRUSTED_IMAGES_PLUGIN);
    for (const [name, value, allowed, example] of [
      ['account', props.account, /^\d{12}$/, '111122223333'],
      ['region', props.region, /^[a-z]{2,4}(?:-[a-z]+)+-\d$/, 'eu-west-1'],
    ] as const) {
      if (value !== undefined && !allowed.test(value)) {
        throw new Error(
          `the ${name} ${JSON.stringify(value)} of TrustedImagesPluginProps is not the ${name} of a registry, allowed: a literal such as "${example}", because a token is known only at deployment`,
        );
      }
    }
    this.digests = new Set((props.allowedImages ?? []).map(digestIn));
  }

  /** Looks at the templates. Called by the CDK when the app is synthesised. */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const all = appTemplates(context.appConstruct);
    const asked = new Set(context.templatePaths.map(path => resolve(path)));
    const values = new TemplateValues(all);
    const enrolment = this.props.repositories.map(each => enrolmentIn(each, all, values));
    const resourceTags = tagsOf(all, values);
    const violations = all
      .filter(({ stack }) => isUnder(stack, asked))
      .flatMap(template => [
        ...judgeTransforms(template.document).map(issue =>
          violationOf(issue, template, 'Transform', 'Transform', template.stack.node.path),
        ),
        ...this.violationsIn(template, values, { enrolment, resourceTags }, all),
      ]);
    return { success: violations.length === 0, violations };
  }

  private violationsIn(
    template: AppTemplate,
    values: TemplateValues,
    repositories: Pick<AllowedImages, 'enrolment' | 'resourceTags'>,
    all: readonly AppTemplate[],
  ): PolicyViolation[] {
    const allowed: AllowedImages = {
      ...repositories,
      registry: {
        account: this.props.account ?? template.account ?? UNKNOWN_ACCOUNT,
        region: this.props.region ?? template.region ?? UNKNOWN_REGION,
      },
      digests: this.digests,
      needsTrustedImage: this.props.requireTrustedImage ?? false,
    };
    return Object.entries(template.document.Resources ?? {}).flatMap(([logicalId, resource]) => {
      const isOfApp = all.some(({ parent }) => parent?.id === template.id && parent.logicalId === logicalId);
      const unknown = judgeResource(logicalId, resource, isOfApp);
      if (unknown !== undefined) return [violationOf(unknown, template, logicalId, 'Resources')];
      // the scanner of a trust is one, and its image is external
      if (resource.Type === 'AWS::CodeBuild::Project') return [];
      return imagesOf(resource).flatMap(({ location, value }) =>
        values
          .of(value, template)
          .flatMap(each => judgeImage(each, values, allowed) ?? [])
          .map(issue => violationOf(issue, template, logicalId, location)),
      );
    });
  }
}

function violationOf(
  { rule, message, fix }: ImageIssue,
  { id, paths }: AppTemplate,
  resourceLogicalId: string,
  location: string,
  path = paths.get(resourceLogicalId) ?? resourceLogicalId,
): PolicyViolation {
  return {
    // ids of the CDK have `::` once
    ruleName: `${rule}[${path.replaceAll('::', ':')}]`,
    description: message,
    fix,
    severity: 'error',
    violatingResources: [{ resourceLogicalId, templatePath: id, locations: [location] }],
  };
}

function digestIn(image: string): string {
  const digest = image.slice(image.lastIndexOf('@') + 1);
  if (!Token.isUnresolved(image) && Digest.safeParse(digest).success) return digest;
  throw new Error(
    `the allowed image ${JSON.stringify(image)} has no digest, allowed: sha256:<64 hex>, or <repository>@sha256:<64 hex>`,
  );
}

/** The name of a repository that the app makes may be a token. */
function enrolmentIn(
  selector: RepositorySelector,
  all: readonly AppTemplate[],
  values: TemplateValues,
): Enrolment[number] {
  const enrolment = selector._enrolment();
  if (!('name' in enrolment) || !Token.isUnresolved(enrolment.name)) return enrolment;
  const token = Tokenization.reverse(enrolment.name, { failConcat: false });
  const stack = Reference.isReference(token) ? Stack.of(token.target) : undefined;
  const template = all.find(each => each.stack === stack);
  const [name] = template === undefined ? [] : values.of(template.stack.resolve(enrolment.name), template);
  if (name?.ok === true && typeof name.value === 'string') return { ...enrolment, name: name.value };
  throw new Error(
    'the name of an enrolled repository is a token that is known only at deployment, allowed: the literal name, or repositoryName of a repository of this app',
  );
}

function tagsOf(all: readonly AppTemplate[], values: TemplateValues): AllowedImages['resourceTags'] {
  const tags = new Map<string, Record<string, string>>();
  for (const template of all) {
    for (const [logicalId, { Type, Properties }] of Object.entries(template.document.Resources ?? {})) {
      if (Type !== 'AWS::ECR::Repository') continue;
      const [name] = values.of({ Ref: logicalId }, template);
      if (name?.ok !== true) continue;
      const list = (Properties?.Tags ?? []) as readonly { readonly Key: string; readonly Value: unknown }[];
      tags.set(String(name.value), Object.fromEntries(list.map(({ Key, Value }) => [Key, String(Value)])));
    }
  }
  return repository => tags.get(repository);
}
