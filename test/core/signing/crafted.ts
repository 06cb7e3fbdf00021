import { PayloadType, preAuthEncoding, type DsseEnvelope } from '../../../src/core/signing/dsse';
import type { Claims, StatementClaims } from '../../../src/core/signing/statement';
import type { Reason } from '../../../src/core/trust/refusal';
import { DIGEST, IMAGE, minutes } from '../support/made';
import { claims, LocalKey, statement, statementClaims } from '../support/signing';

export const KEY = new LocalKey('ours');
export const OTHER = new LocalKey('other');
const OTHER_DIGEST = 'b'.repeat(64);

const payloadOf = (envelope: DsseEnvelope) => Buffer.from(envelope.payload, 'base64');
const UNREAD = "it is no sign/v1 statement that this library's signer made of a PASS";
const NO_BUNDLE = 'it is no bundle v0.3 with a DSSE envelope';
const UNSIGNED = 'none of the pinned keys signed it';
const ELSEWHERE = `it was made for another image: ${IMAGE}`;

/**
 * An envelope that vouches for nothing: what the register's check answers, and what the registry's. The names
 * are those of the reference.
 */
type Forged = readonly [name: string, envelope: unknown, reason: Reason, registrySays: string];
type Genuine = readonly [name: string, envelope: unknown];

/** What is told at a check, and as what it is signed. */
interface Check {
  readonly type: PayloadType;
  readonly claims: Claims | StatementClaims;
}

const AT_REGISTER: Check = { type: PayloadType.statement, claims: statementClaims() };
const AT_REGISTRY: Check = { type: PayloadType.inToto, claims: claims() };

function crafted(
  { type, claims: of }: Check,
  other: Check,
): { readonly forged: readonly Forged[]; readonly genuine: readonly Genuine[] } {
  const said = (change: (document: any) => unknown) => KEY.envelope(change(statement(of)), type);
  const claimed = (changes: { readonly [claim in keyof StatementClaims]?: unknown }) => {
    const known = Object.fromEntries(Object.entries(changes).filter(([claim]) => claim in of));
    return said(({ subject: [{ digest, annotations }], ...rest }) => ({
      ...rest,
      subject: [{ digest, annotations: { ...annotations, ...known } }],
    }));
  };
  const bent = (change: (good: DsseEnvelope) => object) => change(claimed({}));
  const otherSignature = (sig: string) => bent(good => ({ ...good, signatures: [{ keyid: '', sig }] }));
  const others = KEY.envelope(statement(other.claims), other.type);

  const forged: Forged[] = [
    [
      'two signatures',
      bent(good => ({ ...good, signatures: [...good.signatures, ...good.signatures] })),
      'BROKEN_STATEMENT',
      NO_BUNDLE,
    ],
    ['no signature', bent(good => ({ ...good, signatures: [] })), 'BROKEN_STATEMENT', NO_BUNDLE],
    [
      'payloadType swapped',
      bent(good => ({ ...good, payloadType: 'application/json' })),
      'BROKEN_STATEMENT',
      NO_BUNDLE,
    ],
    [
      'of the other check',
      others,
      'BROKEN_STATEMENT',
      `its payload is ${others.payloadType}, allowed: ${type}`,
    ],
    [
      'of the other check, under the type of this one',
      { ...others, payloadType: type },
      'WRONG_KEY',
      UNSIGNED,
    ],
    [
      'signed for this check, and made for the other',
      KEY.envelope(statement(other.claims), type),
      'BROKEN_STATEMENT',
      UNREAD,
    ],
    ['url-safe base64', urlSafe(claimed({ policy: '~?'.repeat(9) })), 'BROKEN_STATEMENT', NO_BUNDLE],
    [
      'base64 with a line end',
      bent(good => ({ ...good, payload: `${good.payload}\n` })),
      'BROKEN_STATEMENT',
      NO_BUNDLE,
    ],
    ['no payload', bent(good => ({ ...good, payload: '' })), 'BROKEN_STATEMENT', NO_BUNDLE],
    [
      'a signature that is no text',
      bent(good => ({ ...good, signatures: [{ sig: 1 }] })),
      'BROKEN_STATEMENT',
      NO_BUNDLE,
    ],
    ['nothing', undefined, 'BROKEN_STATEMENT', NO_BUNDLE],
    [
      'raw r||s signature',
      otherSignature(
        KEY.sign(preAuthEncoding(type, payloadOf(claimed({}))), 'ieee-p1363').toString('base64'),
      ),
      'WRONG_KEY',
      UNSIGNED,
    ],
    ['64 bytes of 1', otherSignature(Buffer.alloc(64, 1).toString('base64')), 'WRONG_KEY', UNSIGNED],
    [
      'r and s are 0',
      otherSignature(Buffer.from('3006020100020100', 'hex').toString('base64')),
      'WRONG_KEY',
      UNSIGNED,
    ],
    [
      'the payload is signed as it is, without its type',
      otherSignature(KEY.sign(payloadOf(claimed({}))).toString('base64')),
      'WRONG_KEY',
      UNSIGNED,
    ],
    ['n-wrongkey', OTHER.envelope(statement(of), type), 'WRONG_KEY', UNSIGNED],
    [
      'n-tamper',
      bent(good => ({ ...good, payload: claimed({ policy: 'other' }).payload })),
      'WRONG_KEY',
      UNSIGNED,
    ],
    ['no signedAt', claimed({ evaluatedAt: undefined }), 'BROKEN_STATEMENT', UNREAD],
    ['signedAt is no time', claimed({ evaluatedAt: 'yesterday' }), 'BROKEN_STATEMENT', UNREAD],
    [
      'future signedAt',
      claimed({ evaluatedAt: '2099-01-01T00:00:00Z' }),
      'BROKEN_STATEMENT',
      'it says that it was judged at 2099-01-01T00:00:00Z, which is still to come',
    ],
    [
      'signed six minutes from now',
      claimed({ evaluatedAt: minutes(6).toISOString() }),
      'BROKEN_STATEMENT',
      `it says that it was judged at ${minutes(6).toISOString()}, which is still to come`,
    ],
    [
      'x-expired',
      claimed({ evaluatedAt: '2020-01-01T00:00:00Z', validUntil: '2020-01-04T00:00:00Z' }),
      'EXPIRED',
      'it was judged 60482 hours ago, allowed: 24',
    ],
    ['no repository', claimed({ repository: undefined }), 'BROKEN_STATEMENT', UNREAD],
    ['no image', claimed({ image: undefined }), 'BROKEN_STATEMENT', UNREAD],
    ['no scan', claimed({ scanId: undefined }), 'BROKEN_STATEMENT', UNREAD],
    ['no verdict', claimed({ verdict: undefined }), 'BROKEN_STATEMENT', UNREAD],
    ['verdict FAIL', claimed({ verdict: 'FAIL' }), 'BROKEN_STATEMENT', UNREAD],
    ['verdict pass', claimed({ verdict: 'pass' }), 'BROKEN_STATEMENT', UNREAD],
    ['verdict true', claimed({ verdict: true }), 'BROKEN_STATEMENT', UNREAD],
    [
      'no claims',
      said(({ subject: [{ digest }], ...rest }) => ({ ...rest, subject: [{ digest }] })),
      'BROKEN_STATEMENT',
      UNREAD,
    ],
    [
      'statement v0.1',
      said(document => ({ ...document, _type: 'https://in-toto.io/Statement/v0.1' })),
      'BROKEN_STATEMENT',
      UNREAD,
    ],
    [
      'other predicate',
      said(document => ({ ...document, predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1' })),
      'BROKEN_STATEMENT',
      UNREAD,
    ],
    [
      'a predicate that says something',
      said(document => ({ ...document, predicate: { x: 'y' } })),
      'BROKEN_STATEMENT',
      UNREAD,
    ],
    ['no subject', said(document => ({ ...document, subject: [] })), 'BROKEN_STATEMENT', UNREAD],
    [
      'x-multisubject',
      said(document => ({
        ...document,
        subject: [...document.subject, { digest: { sha256: OTHER_DIGEST } }],
      })),
      'BROKEN_STATEMENT',
      UNREAD,
    ],
    [
      'the same subject twice',
      said(document => ({ ...document, subject: [...document.subject, ...document.subject] })),
      'BROKEN_STATEMENT',
      UNREAD,
    ],
    [
      'a digest of another algorithm beside',
      said(withDigest({ sha256: 'a'.repeat(64), sha512: 'c'.repeat(128) })),
      'BROKEN_STATEMENT',
      UNREAD,
    ],
    ['a digest in capitals', said(withDigest({ sha256: 'A'.repeat(64) })), 'BROKEN_STATEMENT', UNREAD],
    ['no JSON', KEY.envelope(Buffer.from('PASS'), type), 'BROKEN_STATEMENT', UNREAD],
    [
      'JSON with something after it',
      KEY.envelope(Buffer.from(`${JSON.stringify(statement(of))} x`), type),
      'BROKEN_STATEMENT',
      UNREAD,
    ],
    ['n-otherdigest: the subject', said(withDigest({ sha256: OTHER_DIGEST })), 'OTHER_IMAGE', ELSEWHERE],
    [
      'n-otherdigest: the claim',
      claimed({ image: IMAGE.replace(DIGEST, `sha256:${OTHER_DIGEST}`) }),
      'OTHER_IMAGE',
      ELSEWHERE.replace(DIGEST, `sha256:${OTHER_DIGEST}`),
    ],
    [
      'x-replay: another repository',
      claimed({ image: IMAGE.replace('team/app', 'team/b') }),
      'OTHER_IMAGE',
      ELSEWHERE.replace('team/app', 'team/b'),
    ],
    [
      'x-replay: another account',
      claimed({ image: IMAGE.replace('000000000000', '111111111111') }),
      'OTHER_IMAGE',
      ELSEWHERE.replace('000000000000', '111111111111'),
    ],
    [
      'x-replay: another region',
      claimed({ image: IMAGE.replace('us-east-1', 'eu-west-1') }),
      'OTHER_IMAGE',
      ELSEWHERE.replace('us-east-1', 'eu-west-1'),
    ],
    ...[
      '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/b',
      '000000000000.dkr.ecr.us-east-1.amazonaws.com/x-team/app',
      '000000000000.dkr.ecr.us-east-1.amazonaws.com/other/team/app',
      '000000000000.dkr.ecr.us-east-1.evil.io/x/team/app',
      '111111111111.dkr.ecr.us-east-1.amazonaws.com/team/app',
      '000000000000.dkr.ecr.eu-west-1.amazonaws.com/team/app',
      '000000000000.dkr.ecr.us-east-1/team/app',
      'x000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app',
      'team/app',
      '',
    ].map(
      repository =>
        [
          `x-replay: the repository ${JSON.stringify(repository)}`,
          claimed({ repository }),
          'OTHER_IMAGE',
          ELSEWHERE,
        ] as const,
    ),
  ];
  /** As good as the signer's own. */
  const genuine: Genuine[] = [
    ['good', claimed({})],
    ['x-nohint: no keyid', bent(good => ({ ...good, signatures: [{ sig: good.signatures[0]!.sig }] }))],
    [
      'a keyid that names another key chooses none',
      bent(good => ({ ...good, signatures: [{ keyid: 'other', sig: good.signatures[0]!.sig }] })),
    ],
    ['signed five minutes from now: clocks differ', claimed({ evaluatedAt: minutes(5).toISOString() })],
    ['judged a day ago', claimed({ evaluatedAt: minutes(-24 * 60).toISOString() })],
    ['in China', claimed({ repository: '000000000000.dkr.ecr.us-east-1.amazonaws.com.cn/team/app' })],
  ];
  return { forged, genuine };
}

/** The same bytes, and a signature that holds for them. */
function urlSafe(envelope: DsseEnvelope): DsseEnvelope {
  const payload = payloadOf(envelope).toString('base64url');
  if (!/[-_]/.test(payload)) throw new Error('this payload is spelled alike in both');
  return { ...envelope, payload };
}

function withDigest(digest: object) {
  return (document: any) => ({ ...document, subject: [{ ...document.subject[0], digest }] });
}

export const REGISTER = crafted(AT_REGISTER, AT_REGISTRY);
export const REGISTRY = crafted(AT_REGISTRY, AT_REGISTER);
