import { Annotations, Lazy, Names, ReferenceStrength, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  Grant,
  PolicyDocument,
  PolicyStatement,
  type IGrantable,
  type IRole,
} from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage, type IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { checkKey, isOfApp, refuseSecondUse } from './existing-key';
import { principalArns } from '../access/principal-arns';
import { A_KEY, KEY, REMOVAL_POLICY } from '../properties/kinds';
import { checkProperties, optional, type Properties } from '../properties/properties';
import { namedInPolicy } from '../queues/inline-role';

/** The actions of the account's administrators: all except signing, and granting others the right to sign. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:GetKeyPolicy',
  'kms:GetPublicKey',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
  'kms:Verify',
];

/**
 * Properties of a signing key.
 */
export interface SigningKeyProps {
  /**
   * An existing key: ECDSA on P-256, to sign and verify. It must be in the region of the stack, and may be in
   * another account. Throws for an alias, which could be moved to another key: `Key.fromLookup()` finds the
   * key behind one.
   *
   * The policy of a key of your app is extended: only the signer may sign. The policy of an imported key is
   * not changed. It must let the role of the signer sign, and should refuse everybody else.
   *
   * @default - a new key
   */
  readonly key?: IKey;

  /**
   * The alias of a new key, without `alias/`, for example for `cosign verify --key awskms:///alias/<name>`.
   * Gates pin the key itself, because an alias can be moved. The constructor throws if the name begins with
   * `alias/`.
   *
   * @default - `trusted-images/` and a name that is unique in the account and region
   */
  readonly aliasName?: string;

  /**
   * What happens to the key when it is removed from the stack. Without its public key, its signatures cannot
   * be verified. The alias is removed in any case: note the ARN of the key first.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

const SIGNING_KEY: Properties<SigningKeyProps> = {
  key: optional(KEY, A_KEY),
  aliasName: optional(),
  removalPolicy: REMOVAL_POLICY,
};

/**
 * The key that signs statements and signatures: ECDSA on P-256, which cosign and other verifiers support.
 *
 * Its key policy allows only the role of the signer to sign, whatever other policies allow. CDK's default key
 * policy would allow every principal with `kms:*`. Nobody can create a grant for the key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 */
export class SigningKey extends Construct {
  /** The key. */
  public readonly key: IKey;

  /** @internal */
  public readonly _aliasArn?: string;

  private readonly alias?: string;

  private readonly signers: IRole[] = [];

  constructor(scope: Construct, id: string, props: SigningKeyProps = {}) {
    super(scope, id);
    checkProperties('SigningKeyProps', props, SIGNING_KEY);
    if (props.key !== undefined) {
      this.key = this.existing(props.key, props);
      return;
    }
    const name = props.aliasName ?? `trusted-images/${Names.uniqueResourceName(this, { maxLength: 200 })}`;
    if (!Token.isUnresolved(name) && name.startsWith('alias/')) {
      throw new Error(
        `the alias name ${JSON.stringify(name)} begins with "alias/", allowed: the name without it, ${JSON.stringify(name.slice('alias/'.length))}`,
      );
    }
    this.alias = `alias/${name}`;
    const key = new Key(this, 'Resource', {
      description: 'Vouches for container images that passed policy',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      policy: this.policy(),
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    key.addAlias(this.alias);
    this.key = key;
    this._aliasArn = Stack.of(this).formatArn({ service: 'kms', resource: 'alias', resourceName: name });
    // a reference from another stack must not prevent the replacement of the key
    key.applyCrossStackReferenceStrength(ReferenceStrength.WEAK);
  }

  /** The name of its alias, with `alias/`. Throws for an existing key, whose aliases are not known. */
  public get aliasName(): string {
    if (this.alias === undefined) {
      throw new Error(
        `the signing key ${this.node.path} is an existing key, and its aliases are not known, allowed: key.keyArn`,
      );
    }
    return this.alias;
  }

  /** Allows a principal to fetch the public key. */
  public grantVerify(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['kms:DescribeKey', 'kms:GetPublicKey'],
      resourceArns: [this.key.keyArn],
    });
  }

  /**
   * Allows a role to sign. Such a role can make any image trusted. The key policy grants the right, because
   * the account does not delegate it to IAM. Throws if the role is in another stack. @internal
   */
  public _allowSigning(role: IRole): void {
    if (Stack.of(role) !== Stack.of(isOfApp(this.key) ? this.key : this)) {
      throw new Error(
        `the signing key ${this.node.path} is in another stack than its signer ${role.node.path}, allowed: the same stack, because each refers to the other`,
      );
    }
    namedInPolicy(role);
    this.signers.push(role);
    this.grantVerify(role);
    const sign = {
      actions: ['kms:Sign'],
      conditions: {
        StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' },
      },
    };
    if (!isOfApp(this.key)) {
      role.addToPrincipalPolicy(new PolicyStatement({ ...sign, resources: [this.key.keyArn] }));
      return;
    }
    this.key.addToResourcePolicy(
      new PolicyStatement({
        ...sign,
        sid: `Sign${this.signers.length}`,
        principals: [role],
        resources: ['*'], // this key: a key's policy cannot name its own ARN
      }),
    );
  }

  /** Throws for a key that gates could not pin, or that signs otherwise. */
  private existing(key: IKey, { aliasName, removalPolicy }: SigningKeyProps): IKey {
    if (aliasName !== undefined || removalPolicy !== undefined) {
      throw new Error(
        `the signing key ${this.node.path} is an existing key, allowed: key without aliasName and removalPolicy, which are of a new key`,
      );
    }
    checkKey('signing key', this, key);
    refuseSecondUse(this, key);
    if (isOfApp(key)) {
      this.refuseOthers().forEach(statement => key.addToResourcePolicy(statement));
    } else {
      Annotations.of(this).addWarningV2(
        'cdk-trusted-images:importedSigningKey',
        `the policy of the imported signing key ${Stack.of(this).resolve(key.keyArn) as string} is not changed: it must let the role of the signer sign, and should refuse everybody else, or whoever may sign with it makes images trusted`,
      );
    }
    return key;
  }

  private policy(): PolicyDocument {
    return new PolicyDocument({
      statements: [
        new PolicyStatement({
          sid: 'Administration',
          principals: [new AccountRootPrincipal()],
          actions: ADMINISTRATION,
          resources: ['*'],
        }),
        ...this.refuseOthers(),
      ],
    });
  }

  /** Whatever other statements and policies allow. */
  private refuseOthers(): PolicyStatement[] {
    const resources = ['*'];
    const everybody = [new AnyPrincipal()];
    const signers = Lazy.list({ produce: () => principalArns(Stack.of(this), this.signers) });
    return [
      new PolicyStatement({
        sid: 'OnlySigners',
        effect: Effect.DENY,
        principals: everybody,
        actions: ['kms:Sign'],
        resources,
        conditions: { ArnNotLike: { 'aws:PrincipalArn': signers } },
      }),
      new PolicyStatement({
        sid: 'NoGrants',
        effect: Effect.DENY,
        principals: everybody,
        actions: ['kms:CreateGrant'],
        resources,
      }),
    ];
  }
}
