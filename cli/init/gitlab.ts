import { IMAGES } from './pins';
import { indented, listed, quoted, type Pipeline } from './pipeline';
import type { PipelineOptions } from './pipeline-options';
import { DEPLOY, INSTALL_PACKAGES, installTrivy, push, scan, SCANNED_DIGEST, WAIT_FOR_TRUST } from './steps';

export function gitlabPipeline(options: PipelineOptions): Pipeline {
  const missing = VARIABLES.filter(([name]) => options[name] === undefined).map(([, variable]) => variable);
  return {
    file: { path: '.gitlab-ci.yml', content: configuration(options) },
    next: [
      'npm install --save-dev aws-cdk cdk-trusted-images   # npx runs what package-lock.json says, and nothing else',
      ...(missing.length === 0 ? [] : [`set as CI/CD variables of the project: ${missing.join(', ')}`]),
      'the role trusts your GitLab (audience: its URL) for project_path:<group>/<project>:ref_type:branch:ref:main',
      'the CDK app reads the context "digest" and deploys TrustedImage.fromDigest',
    ],
  };
}

const VARIABLES = [
  ['repository', 'ECR_REPOSITORY'],
  ['region', 'AWS_REGION'],
  ['roleArn', 'AWS_ROLE_ARN'],
  ['stack', 'TRUSTED_IMAGES_STACK'],
] as const satisfies readonly (readonly [keyof PipelineOptions, string])[];

/** The variables that were given; the others come from the project's settings. */
function given(
  options: PipelineOptions,
  spaces: number,
  ...names: readonly (typeof VARIABLES)[number][0][]
): string {
  return VARIABLES.flatMap(([name, variable]) => {
    const value = options[name];
    return names.includes(name) && value !== undefined
      ? [`${' '.repeat(spaces)}${variable}: ${quoted(value)}\n`]
      : [];
  }).join('');
}

function configuration(options: PipelineOptions): string {
  const stack = given(options, 4, 'stack');
  return `\
# Written by \`npx cdk-trusted-images init gitlab\`.
# build, scan, push, wait for trust, deploy: one digest goes all the way.
stages: [build, scan, policy, push, trust, deploy]

workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH

default:
  image: ${IMAGES.node}
  timeout: 1 hour

variables:
${given(options, 2, 'repository')}\
  npm_config_yes: 'false' # npx runs what package-lock.json says, and downloads nothing

build:
  stage: build
  image: ${IMAGES.buildah}
  variables:
    BUILDAH_FORMAT: oci
    STORAGE_DRIVER: vfs # needs no privileges of the runner
  script:
    - buildah build --tag app .
    - buildah push app oci:image
  artifacts:
    paths: [image/]
    expire_in: 1 day

scan:
  stage: scan
  needs: [build]
  before_script:
    - ${INSTALL_PACKAGES}
${listed(installTrivy(), 4)}
  script:
    # GitLab reads a report of a job that succeeded only, so the next job is the one that fails
    - |
      code=0
      ${scan(options.policy)} || code=$?
      echo "$code" > trusted-images.code
      test "$code" != 0 || echo ${SCANNED_DIGEST} > trusted-images.digest
  artifacts:
    when: always
    paths: [trusted-images.code, trusted-images.digest, trusted-images.sarif]
    reports:
      sarif: trusted-images.sarif # shown by GitLab 19.2 and newer in the tier Ultimate; elsewhere it is a file to download
    expire_in: 30 days

policy:
  stage: policy
  needs: [scan]
  variables:
    GIT_STRATEGY: none
  script:
    - exit "$(cat trusted-images.code)" # 0 trusted, 1 refused by policy, 2 could not tell, 64 usage

.aws:
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  id_tokens:
    AWS_ID_TOKEN:
      aud: $CI_SERVER_URL # AWS gives credentials for an hour: there is no key to steal
  variables:
${given(options, 4, 'region', 'roleArn')}\
    AWS_ROLE_SESSION_NAME: gitlab-$CI_PROJECT_ID-$CI_PIPELINE_ID
    AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/aws-id-token # what the AWS CLI, the CDK and this CLI look for
  before_script:
    - (umask 077 && printf '%s' "$AWS_ID_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE")
    - ${INSTALL_PACKAGES}

push:
  extends: .aws
  stage: push
  needs: [build, scan, policy]
  script:
    - apt-get update --quiet=2 && apt-get install --quiet=2 --yes --no-install-recommends awscli skopeo
    - |
      SCANNED_DIGEST="$(cat trusted-images.digest)"
${indented(push('${CI_COMMIT_SHA:0:12}-$CI_PIPELINE_ID-$CI_JOB_ID'), 6)}
      printf 'IMAGE=%s\\nIMAGE_DIGEST=%s\\n' "$uri@$digest" "$digest" > image.env
  artifacts:
    reports:
      dotenv: image.env # IMAGE and IMAGE_DIGEST for the jobs that need this one

trust:
  extends: .aws
  stage: trust
  needs: [push]
${stack === '' ? '' : `  variables:\n${stack}`}\
  script:
${listed(WAIT_FOR_TRUST, 4)}

deploy:
  extends: .aws
  stage: deploy
  needs: [push, trust]
  environment: production
  resource_group: production # one deployment at a time
  script:
    - ${DEPLOY}
`;
}
