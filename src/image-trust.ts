import {
  AspectPriority,
  Aspects,
  Duration,
  RemovalPolicy,
  Stack,
  type ResourceEnvironment,
} from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, Dependable, type IConstruct } from 'constructs';
import { checkRegion } from './access/check-region';
import { AlertTopic } from './alerts/alert-topic';
import { IMAGE_ALERTS, ImageAlerts } from './alerts/image-alerts';
import { BREAK_GLASS, BreakGlass, EmergencyAccess } from './break-glass/break-glass';
import { BreakGlassOnRequest } from './break-glass/break-glass-on-request';
import type { GrantsStore } from './break-glass/grants-store';
import { KeptGrants } from './break-glass/kept-grants';
import { TrustEvents } from './events/trust-events';
import { EvidenceBucket } from './evidence/evidence-bucket';
import { FINDINGS_TABLE, FindingsStorage, FindingsTable } from './findings/findings-table';
import { admit } from './gates/admission';
import { ComposedTrust } from './gates/composed-trust';
import { keepFormerExports, keepLaterExports } from './gates/former-exports';
import type { GateAccess } from './gates/gate-access';
import type { IImageTrust } from './gates/i-image-trust';
import { ownAccess } from './gates/own-access';
import { isBeside, TrustGate } from './gates/trust-gate';
import { GATE_OF_TRUST, type TrustGateOptions } from './gates/trust-gate-options';
import { keepTrustOutputs } from './gates/trust-outputs';
import type { TrustParts } from './gates/trust-parts';
import { ImagePolicy } from './policy/image-policy';
import { PolicyEvaluator } from './policy/policy-evaluator';
import type { RepositoryPolicy } from './policy/repository-policy';
import { RevocationBrake } from './policy/revocation-brake';
import { WaiverSource } from './policy/waiver-source';
import { WaiverStore } from './policy/waiver-store';
import { REMOVAL_POLICY } from './properties/kinds';
import { checkProperties, having, only, optional, required, type Properties } from './properties/properties';
import type { NetworkOptions } from './queues/network';
import { inOneGroup } from './queues/one-security-group';
import { warnOfOpenPrefix, warnOfSecondTrust } from './repository/overlaps';
import { RepositorySelector, SELECTORS } from './repository/repository-selector';
import { TrustedRepository, type TrustedRepositoryProps } from './repository/trusted-repository';
import { ImageScanner } from './scanning/image-scanner';
import { IMAGE_SCANNER, SCAN_OPTIONS, type ScanOptions } from './scanning/scan-options';
import { allowImporters, warnOfUnpublished } from './sharing/allow-importers';
import type {
  ImportFromAttributesProps,
  ImportFromParametersProps,
  ImportFromStackProps,
} from './sharing/import-props';
import { importFromAttributes, importFromParameters, importFromStack } from './sharing/import-trust';
import { Importer } from './sharing/importer';
import { publishTrust } from './sharing/publish-trust';
import { IMAGE_SIGNER, ImageSigner, SIGNING_OPTIONS, type SigningOptions } from './trust/image-signer';
import { PolicyStore } from './trust/policy-store';
import { SigningKey } from './trust/signing-key';
import { topLevel } from './trust/stacks';
import { TrustRegister } from './trust/trust-register';

/**
 * Properties of image trust.
 */
export interface ImageTrustProps extends ScanOptions {
  /** The selectors of the enrolled repositories, at least one. */
  readonly repositories: RepositorySelector[];

  /**
   * The policy that judges images.
   *
   * @default ImagePolicy.standard()
   */
  readonly policy?: ImagePolicy;

  /**
   * Policies for some repositories. The first one that selects a repository judges its images.
   *
   * @default - `policy` judges all images
   */
  readonly repositoryPolicies?: RepositoryPolicy[];

  /**
   * The repositories of base images, by prefix or name, which are among the enrolled ones. The trust
   * remembers the layers of their images. Then the report of an image says which findings come from its base
   * image, and on which newer one a rebuild removes them. It changes no verdict. The 40 newest images of each
   * repository are known, and 200 of all. The constructor throws for a selector by tag, for all, and for more
   * than 1,000 characters; the synthesis fails for a repository that is not enrolled.
   *
   * @default - the report knows only the base images that the policy names by their layers
   */
  readonly baseRepositories?: RepositorySelector[];

  /**
   * The source of the waivers.
   *
   * @default WaiverSource.inBucket()
   */
  readonly waivers?: WaiverSource;

  /**
   * The longest time for which a waiver may hold, in whole days, counted from the day on which it was
   * accepted.
   *
   * @default Duration.days(90)
   */
  readonly maxWaiverLife?: Duration;

  /**
   * How images that passed are signed.
   *
   * @default - with a new key: a statement at every PASS, and a cosign signature once for each digest
   */
  readonly signing?: SigningOptions;

  /**
   * Whether findings can be queried.
   *
   * @default FindingsStorage.TABLE
   */
  readonly findings?: FindingsStorage;

  /**
   * Whether people can let an image run without trust in an emergency. Nobody may until you name who:
   * `trust.breakGlass.grantBreakGlass(role)`. That also makes the resources of break-glass. If only another
   * app names who may, set BREAK_GLASS. AWS Lambda has no function URLs in some regions, and there the
   * constructor throws for BREAK_GLASS, and `breakGlass` does.
   *
   * Where gates or images of other stacks ask this trust, the table of grants and its queue are there in any
   * case, also with NONE: so the option stays changeable. Then nobody may write the table.
   *
   * @default - break-glass is there from the first use of `breakGlass` on, and before that nobody may grant
   */
  readonly emergencyAccess?: EmergencyAccess;

  /**
   * Whether many revocations within an hour wait for a person, who may release the brake if you name who:
   * `trust.evaluator.grantReleaseBrake(role)`. Must be NONE in a region where AWS Lambda has no function
   * URLs.
   *
   * @default RevocationBrake.NONE
   */
  readonly revocationBrake?: RevocationBrake;

  /**
   * The topics that receive alerts and alarms, at most 5, each with its format. With an empty list nobody is
   * notified.
   *
   * @default [AlertTopic.text()]
   */
  readonly alertTopics?: AlertTopic[];

  /**
   * The evidence bucket of every scan and verdict. It must be in the same stack, because its policy names the
   * roles that write to it. The constructor throws if it is in another stack.
   *
   * @default - a new evidence bucket
   */
  readonly evidence?: EvidenceBucket;

  /**
   * The gate that images of this account and region ask.
   *
   * @default - a gate with the name of the stack
   */
  readonly gate?: TrustGateOptions;

  /**
   * The name by which other apps import this trust: a letter and up to 39 letters, digits and `-`, unique in
   * the account and region. Everything that they need is then in the outputs of the stack and, but for the
   * keys, in parameters below `/trusted-images/<name>/v1/`. The constructor throws for another name, and for
   * a second published trust in one stack.
   *
   * @default - nothing is published, and only stacks of this app can ask
   */
  readonly publishedAs?: string;

  /**
   * The other accounts whose apps may ask this trust. It gives them nothing of the repositories: each
   * repository's own policy allows them to pull.
   *
   * @default - only this account
   */
  readonly importers?: Importer[];

  /**
   * What happens to stateful resources when they are removed from the stack: evidence and its key, register,
   * findings, policies, signing key, and the repositories of `addRepository()`. DESTROY empties the evidence
   * and the repositories first, and signatures can no longer be verified: use it only for trials. A bucket or
   * signing key that you pass in keeps its own removal policy. By default nothing is deleted but what a
   * deployment had just created when it was rolled back.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

const IMAGE_TRUST: Properties<ImageTrustProps> = {
  ...SCAN_OPTIONS,
  repositories: required([RepositorySelector], SELECTORS),
  policy: optional(ImagePolicy, 'an ImagePolicy'),
  repositoryPolicies: optional(
    [having<RepositoryPolicy>()],
    'a list of objects with repositories and policy',
  ),
  baseRepositories: optional([RepositorySelector], SELECTORS),
  waivers: optional(WaiverSource, 'a WaiverSource, for example WaiverSource.fromFile("waivers.yaml")'),
  maxWaiverLife: optional(Duration, 'a Duration of whole days, for example Duration.days(90)'),
  signing: optional(
    having<SigningOptions>(),
    'an object, for example { attestations: [ImageAttestation.SBOM] }',
  ),
  findings: optional(),
  emergencyAccess: optional(),
  revocationBrake: optional(RevocationBrake, 'a RevocationBrake, for example RevocationBrake.above(20)'),
  alertTopics: optional([AlertTopic], 'a list of AlertTopic, for example [AlertTopic.text()]'),
  evidence: optional(EvidenceBucket, 'an EvidenceBucket'),
  gate: GATE_OF_TRUST,
  publishedAs: optional(),
  importers: optional([Importer], 'a list of Importer, for example [Importer.account("210987654321")]'),
  removalPolicy: REMOVAL_POLICY,
};

const BREAK_GLASS_ID = 'BreakGlass';

/**
 * All stages, connected, with safe defaults. Each pushed image gets a verdict with reasons, in the register,
 * in the findings table and in an alert. An image that passes is signed. `TrustedImage` deploys only trusted
 * images.
 */
export class ImageTrust extends Construct implements IImageTrust {
  /**
   * Imports a trust of another app in the same account, in this region or another. Its stack must be
   * published. The keys are read from the output of its stack whenever an image is deployed, so nothing has
   * to be done here when a key is replaced. The role that deploys needs `cloudformation:DescribeStacks` on
   * that stack.
   */
  public static fromStackName(scope: Construct, id: string, props: ImportFromStackProps): IImageTrust {
    return importFromStack(scope, id, props);
  }

  /**
   * Imports a trust of another app in the same account and region, by its parameters. The signing keys are
   * named here, and change here when a key is replaced. Throws if a key is not the ARN of a key.
   */
  public static fromParameters(scope: Construct, id: string, props: ImportFromParametersProps): IImageTrust {
    return importFromParameters(scope, id, props);
  }

  /**
   * Imports a trust of another app, also of another account, by its attributes. A trust of another account
   * must name this account in its `importers`. Throws for an unknown schema version, or if a key is not the
   * ARN of a key.
   */
  public static fromAttributes(scope: Construct, id: string, props: ImportFromAttributesProps): IImageTrust {
    return importFromAttributes(scope, id, props);
  }

  /**
   * A trust of parts that you put together yourself, in this app, for `TrustedImage`.
   */
  public static fromParts(scope: Construct, id: string, parts: TrustParts): IImageTrust {
    return new ComposedTrust(scope, id, parts);
  }

  /** The account and region of the trust. */
  public readonly env: ResourceEnvironment;
  /** Scans pushed images. */
  public readonly scanner: ImageScanner;
  /** Judges scanned images. */
  public readonly evaluator: PolicyEvaluator;
  /** The bucket that contains `waivers.yaml`. */
  public readonly waivers: WaiverStore;
  /** Signs images that passed. */
  public readonly signer: ImageSigner;
  /** The register, which gates read. */
  public readonly register: TrustRegister;
  /** The table of the active policy. */
  public readonly policies: PolicyStore;
  /** The bucket of reports and verdicts. */
  public readonly evidence: EvidenceBucket;
  /** The event bus on which verdicts are published. */
  public readonly events: TrustEvents;
  /** The alerts, and their topics. */
  public readonly alerts: ImageAlerts;
  /** The gate that each `TrustedImage` asks, if it names no other. */
  public readonly gate: TrustGate;
  /** The network that the functions of gates run in. */
  public readonly network?: NetworkOptions;

  /** @internal */
  public readonly _repositories: readonly RepositorySelector[];
  /** @internal */
  public readonly _findingsTable?: FindingsTable;
  /** A gate or an image of another stack asks it. */
  private isAskedElsewhere = false;
  /** The break-glass grants. Undefined if they are left out. */
  private readonly emergency?: BreakGlassOnRequest;
  /** What its gate waits for. */
  private readonly parts: readonly IConstruct[];
  private readonly removalPolicy: RemovalPolicy;
  private readonly repositoriesByName = new Map<string, string>();

  constructor(scope: Construct, id: string, props: ImageTrustProps) {
    super(scope, id);
    checkProperties('ImageTrustProps', props, IMAGE_TRUST);
    checkProperties('SigningOptions', props.signing ?? {}, SIGNING_OPTIONS);
    checkRegion(this);
    const { network } = props;
    const { account, region } = Stack.of(this);
    this.env = { account, region };
    this.network = network;
    this.removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const removalPolicy = this.removalPolicy;
    this.evidence =
      checkedEvidence(this, props.evidence) ?? new EvidenceBucket(this, 'Evidence', { removalPolicy });
    this.register = new TrustRegister(this, 'Register', { removalPolicy });
    this.policies = new PolicyStore(this, 'Policies', { removalPolicy });
    this.events = new TrustEvents(this, 'Events');
    const shared = {
      register: this.register,
      policies: this.policies,
      evidence: this.evidence,
      events: this.events,
      network: inOneGroup(this, network),
    };
    this.scanner = new ImageScanner(this, 'Scanner', only(IMAGE_SCANNER, { ...props, ...shared }));
    const { policy, repositoryPolicies, baseRepositories } = props;
    const { waivers, maxWaiverLife: maxLife } = props;
    this.waivers = new WaiverStore(this, 'Waivers', {
      ...shared,
      scanner: this.scanner,
      waivers,
      maxLife,
      removalPolicy,
    });
    this.evaluator = new PolicyEvaluator(this, 'Evaluator', {
      ...shared,
      scanner: this.scanner,
      policy,
      repositoryPolicies,
      baseRepositories,
      waivers: this.waivers,
      revocationBrake: props.revocationBrake,
    });
    const key = props.signing?.key ?? new SigningKey(this, 'SigningKey', { removalPolicy });
    const { repositories } = props;
    this.signer = new ImageSigner(
      this,
      'Signer',
      only(IMAGE_SIGNER, { ...props.signing, ...shared, key, repositories }),
    );
    this.scanner.askSigner(this.signer);
    this._repositories = repositories;
    warnOfSecondTrust(this, () => this.earlierTrusts());
    warnOfOpenPrefix(this, repositories);
    if (props.findings !== FindingsStorage.NONE) {
      this._findingsTable = new FindingsTable(
        this,
        'Findings',
        only(FINDINGS_TABLE, { ...shared, removalPolicy }),
      );
    }
    this.alerts = new ImageAlerts(
      this,
      'Alerts',
      only(IMAGE_ALERTS, { ...shared, topics: props.alertTopics }),
    );
    if (props.emergencyAccess !== EmergencyAccess.NONE) {
      this.emergency = new BreakGlassOnRequest(
        () => new BreakGlass(this, BREAK_GLASS_ID, only(BREAK_GLASS, { ...shared, removalPolicy })),
      );
    }
    this._whenBreakGlass(breakGlass => {
      breakGlass._isOf(this);
      breakGlass.alarms.forEach(alarm => this.alerts.addAlarm(alarm));
    });
    this.parts = this.partsNow();
    this.gate = TrustGate._of(this, props.gate);
    this._whenBreakGlass(breakGlass => this.gate.handler.node.addDependency(breakGlass));
    keepFormerExports(this);
    keepTrustOutputs(this, this);
    this.keepGrants();
    allowImporters(this, props.importers ?? []);
    if (props.publishedAs !== undefined) publishTrust(this, props.publishedAs);
    else if ((props.importers ?? []).length > 0) warnOfUnpublished(this);
    // with the alarm of the importers' queue
    const watched = [this.scanner, this.evaluator, this.waivers, this.signer];
    for (const { alarms } of watched) alarms.forEach(alarm => this.alerts.addAlarm(alarm));
    this._findingsTable?.alarms.forEach(alarm => this.alerts.addAlarm(alarm));
    const dependencyRoots = this.partsNow();
    this._whenBreakGlass(breakGlass => dependencyRoots.push(breakGlass));
    Dependable.implement(this, { dependencyRoots });
    if (props.emergencyAccess === EmergencyAccess.BREAK_GLASS) this.emergency!.get();
  }

  /** The findings table, for queries. Throws if it is left out. */
  public get findings(): FindingsTable {
    if (this._findingsTable === undefined) {
      throw new Error(
        `${this.node.path} has no findings table, because findings is FindingsStorage.NONE; leave that out to query findings`,
      );
    }
    return this._findingsTable;
  }

  /**
   * The break-glass grants, for emergencies. The first use makes their resources. Throws if they are left
   * out.
   */
  public get breakGlass(): BreakGlass {
    if (this.emergency === undefined) {
      throw new Error(
        `${this.node.path} has no break-glass, because emergencyAccess is EmergencyAccess.NONE; leave that out to let people grant`,
      );
    }
    return this.emergency.get();
  }

  /** Allows a principal to read rows of images in the register, one by one, and which policy is active. */
  public grantAsk(grantee: IGrantable): Grant {
    return this.register._grantAsk(grantee).combine(this.policies._grantAsk(grantee));
  }

  /** Allows a principal to fetch the public keys that gates accept. */
  public grantVerify(grantee: IGrantable): Grant {
    return this.signer.grantVerify(grantee);
  }

  /** @internal */
  public _access(gate: IConstruct): GateAccess {
    this.askedBy(gate);
    const access = ownAccess(this, gate, this);
    // the trust waits for its own gate, and with it for whoever waits for the trust
    return gate.node.scopes.includes(this) ? { ...access, waitsFor: this.parts } : access;
  }

  /** @internal */
  public _whenBreakGlass(then: (breakGlass: BreakGlass) => void): void {
    this.emergency?.whenMade(then);
  }

  /** @internal */
  public get _grants(): GrantsStore | undefined {
    return this.node.tryFindChild(BREAK_GLASS_ID) as BreakGlass | KeptGrants | undefined;
  }

  /** @internal */
  public _admit(image: IConstruct, repository: IRepository): RepositorySelector | undefined {
    this.askedBy(image);
    return admit(image, repository, this);
  }

  /** @internal */
  public _gate(): TrustGate {
    return this.gate;
  }

  /**
   * Adds a hardened repository, and nothing else. It is enrolled if a selector selects it. Throws for a name
   * that another repository of this trust has.
   */
  public addRepository(id: string, props: TrustedRepositoryProps = {}): TrustedRepository {
    const { repositoryName } = props;
    const other = repositoryName === undefined ? undefined : this.repositoriesByName.get(repositoryName);
    if (other !== undefined) {
      throw new Error(
        `addRepository(${JSON.stringify(id)}) names the repository ${JSON.stringify(repositoryName)}, which ${other} of ${this.node.path} makes already, allowed: a name of its own; use what the first call returned`,
      );
    }
    if (repositoryName !== undefined) this.repositoriesByName.set(repositoryName, id);
    return new TrustedRepository(this, id, { removalPolicy: this.removalPolicy, ...props });
  }

  private askedBy(gate: IConstruct): void {
    this.isAskedElsewhere ||= topLevel(gate) !== topLevel(this);
  }

  /** Whether anybody asks for break-glass, or from another stack, only the whole app shows. */
  private keepGrants(): void {
    const visit = (node: IConstruct) => {
      if (node !== this) return;
      const { register, removalPolicy } = this;
      if (this._grants === undefined && this.isAskedElsewhere) {
        new KeptGrants(this, BREAK_GLASS_ID, { register, removalPolicy });
      }
      keepLaterExports(this, this._grants);
    };
    // before aspects that look at resources, or tag them
    Aspects.of(this).add({ visit }, { priority: AspectPriority.MUTATING - 100 });
  }

  /** Of the same place. Of two trusts, the second one warns. */
  private earlierTrusts(): ImageTrust[] {
    const all = this.node.root.node.findAll().filter(each => each instanceof ImageTrust);
    return all.slice(0, all.indexOf(this)).filter(other => isBeside(other, this));
  }

  /**
   * What a gate waits for. A rule that is added to the bus later is not among it: its target may be a
   * function that runs an image behind a gate, and each would wait for the other.
   */
  private partsNow(): IConstruct[] {
    return this.node.children.flatMap(part =>
      part === this.events || part === this.gate ? part.node.children : [part],
    );
  }
}

/**
 * The policy of the bucket names roles of the trust, and the trust names the bucket. In two stacks, each
 * would wait for the other.
 */
function checkedEvidence(trust: Construct, evidence: EvidenceBucket | undefined): EvidenceBucket | undefined {
  if (evidence !== undefined && Stack.of(evidence) !== Stack.of(trust)) {
    throw new Error(
      `the evidence bucket ${evidence.node.path} is in the stack ${Stack.of(evidence).node.path} and its trust in ${Stack.of(trust).node.path}, allowed: the same stack, because each refers to the other`,
    );
  }
  return evidence;
}
