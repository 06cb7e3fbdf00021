/** Credentials that show by their form alone what they are. No form is here that ordinary text can have. */
const TOKENS: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  {
    kind: 'an AWS access key id',
    pattern: /(?<![A-Za-z0-9])A(?:KIA|SIA)[A-Z2-7]{16}(?![A-Za-z0-9])|AKIAIOSFODNN7EXAMPLE/,
  },
  {
    kind: 'a GitHub token',
    pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40})/,
  },
  { kind: 'a GitLab token', pattern: /(?<![A-Za-z0-9])gl(?:pat|dt|rt|cbt|ptt)-[A-Za-z0-9_-]{20}/ },
  { kind: 'an npm token', pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/ },
  { kind: 'a PyPI token', pattern: /(?<![A-Za-z0-9])pypi-AgE[A-Za-z0-9_-]{40}/ },
  { kind: 'a Docker Hub token', pattern: /(?<![A-Za-z0-9])dckr_[po]at_[A-Za-z0-9_-]{20}/ },
  { kind: 'a Slack token', pattern: /(?<![A-Za-z0-9])xox[abeprs]-[A-Za-z0-9-]{20}/ },
  { kind: 'a Stripe key', pattern: /(?<![A-Za-z0-9])[rs]k_live_[A-Za-z0-9]{20}/ },
  { kind: 'a Google API key', pattern: /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/ },
  { kind: 'an API key', pattern: /(?<![A-Za-z0-9])sk-(?:ant|proj|svcacct|admin)-[A-Za-z0-9_-]{20}/ },
  { kind: 'a private key', pattern: /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----/ },
  {
    kind: 'a JSON web token',
    pattern: /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10}/,
  },
  {
    kind: 'a password in a URL',
    pattern: /(?<![A-Za-z0-9])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'$`<>{}]{0,100}:[^\s/@"'$`<>{}]{1,200}@/,
  },
  {
    // of Azure (SAS), AWS, Google Cloud and CloudFront
    kind: 'a signed URL',
    pattern:
      /[?&](?:sig|X-Amz-Signature|X-Amz-Security-Token|X-Goog-Signature|Signature)=[A-Za-z0-9%+/_~.-]{20}/,
  },
  { kind: 'a key of a storage account', pattern: /AccountKey=[A-Za-z0-9+/]{40}/ },
];

export interface FoundToken {
  readonly kind: string;
  readonly offset: number;
}

/** The first token of each kind. */
export function findTokens(text: string): FoundToken[] {
  return TOKENS.flatMap(({ kind, pattern }) => {
    const offset = text.search(pattern);
    return offset < 0 ? [] : [{ kind, offset }];
  });
}
