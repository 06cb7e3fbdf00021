import { ACTIONS, NODE_VERSION, uses } from './pins';
import { indented, quoted, type Pipeline } from './pipeline';
import type { PipelineOptions } from './pipeline-options';
import {
  BUILD_WITH_DOCKER,
  DEPLOY,
  INSTALL_PACKAGES,
  installTrivy,
  push,
  scan,
  SCANNED_DIGEST,
  WAIT_FOR_TRUST,
} from './steps';

export function githubPipeline(options: PipelineOptions): Pipeline {
  const missing = VARIABLES.filter(([name]) => options[name] === undefined);
  return {
    file: { path: '.github/workflows/trusted-images.yml', content: workflow(options) },
    next: [
      'npm install --save-dev aws-cdk cdk-trusted-images   # npx runs what package-lock.json says, and nothing else',
      ...missing.map(([, variable, what]) => `gh variable set ${variable}   # ${what}`),
      'the role trusts token.actions.githubusercontent.com, for repo:<owner>/<name>:ref:refs/heads/main and …:environment:production',
      'the CDK app reads the context "digest" and deploys TrustedImage.fromDigest',
    ],
  };
}

const VARIABLES = [
  ['repository', 'ECR_REPOSITORY', 'the repository in Amazon ECR'],
  ['region', 'AWS_REGION', 'its Region'],
  ['roleArn', 'AWS_ROLE_ARN', 'the role that pushes and deploys'],
  ['stack', 'TRUSTED_IMAGES_STACK', 'the stack that has the ImageTrust'],
] as const satisfies readonly (readonly [keyof PipelineOptions, string, string])[];

/** A value that was given, or the variable of the repository that will hold it. */
function valueOf(options: PipelineOptions, wanted: (typeof VARIABLES)[number][0]): string {
  const [, variable] = VARIABLES.find(([name]) => name === wanted)!;
  const value = options[wanted];
  return value === undefined ? `\${{ vars.${variable} }}` : quoted(value);
}

function workflow(options: PipelineOptions): string {
  const checkout = `\
      - uses: ${uses(ACTIONS.checkout)}
        with:
          persist-credentials: false`;
  const node = `\
      - uses: ${uses(ACTIONS.setupNode)}
        with:
          node-version: ${NODE_VERSION}
          package-manager-cache: false # a cache that a pull request could fill is no source of what is deployed
      - name: Install
        run: ${INSTALL_PACKAGES}`;
  const aws = `\
      - uses: ${uses(ACTIONS.awsCredentials)}
        with:
          role-to-assume: ${valueOf(options, 'roleArn')}
          aws-region: ${valueOf(options, 'region')}`;
  return `\
# Written by \`npx cdk-trusted-images init github\`.
# build, scan, push, wait for trust, deploy: one digest goes all the way. Every action is pinned by its commit.
name: Trusted images

on:
  push:
    branches: [main]
  pull_request:

permissions: {}

concurrency:
  group: trusted-images-\${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }} # what deploys may finish

env:
  ECR_REPOSITORY: ${valueOf(options, 'repository')}
  npm_config_yes: 'false' # npx runs what package-lock.json says, and downloads nothing

defaults:
  run:
    shell: bash # GitHub's own default lacks pipefail

jobs:
  scan:
    name: Build and scan
    runs-on: ubuntu-24.04
    timeout-minutes: 45
    permissions:
      contents: read # checkout
    outputs:
      digest: \${{ steps.scan.outputs.digest }}
      findings: \${{ steps.findings.outputs.artifact-id }}
    steps:
${checkout}
      - name: Build
        run: |
${indented(BUILD_WITH_DOCKER, 10)}
${node}
      - name: Install Trivy
        run: |
${indented(installTrivy('sudo '), 10)}
      - name: Scan
        id: scan
        run: |
          ${scan(options.policy)}
          digest=${SCANNED_DIGEST}
          echo "digest=$digest" >> "$GITHUB_OUTPUT"
      - name: Keep the findings
        id: findings
        if: always() && hashFiles('trusted-images.sarif') != ''
        uses: ${uses(ACTIONS.uploadArtifact)}
        with:
          name: findings
          path: trusted-images.sarif
      - name: Keep the image
        if: github.event_name == 'push'
        uses: ${uses(ACTIONS.uploadArtifact)}
        with:
          name: image
          path: image
          if-no-files-found: error
          compression-level: 0 # layers are compressed
          retention-days: 1

  findings:
    name: Show the findings
    needs: scan
    # also if the scan refused the image; a fork's token may not write
    if: always() && needs.scan.outputs.findings != '' && github.event.pull_request.head.repo.fork != true
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      actions: read # upload-sarif, in private repositories
      contents: read # upload-sarif, in private repositories
      security-events: write # code scanning
    steps:
      - uses: ${uses(ACTIONS.downloadArtifact)}
        with:
          name: findings
      - uses: ${uses(ACTIONS.uploadSarif)}
        with:
          sarif_file: trusted-images.sarif

  push:
    name: Push and wait for trust
    needs: scan
    if: github.event_name == 'push'
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    permissions:
      contents: read # checkout
      id-token: write # AWS gives credentials for an hour: there is no key to steal
    outputs:
      digest: \${{ steps.push.outputs.digest }}
    steps:
${checkout}
${node}
      - uses: ${uses(ACTIONS.downloadArtifact)}
        with:
          name: image
          path: image
${aws}
      - name: Push
        id: push
        env:
          SCANNED_DIGEST: \${{ needs.scan.outputs.digest }}
        run: |
${indented(push('${GITHUB_SHA::12}-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT'), 10)}
          echo "digest=$digest" >> "$GITHUB_OUTPUT"
          echo "image=$uri@$digest" >> "$GITHUB_OUTPUT"
      - name: Wait for trust
        env:
          IMAGE: \${{ steps.push.outputs.image }}
          TRUSTED_IMAGES_STACK: ${valueOf(options, 'stack')}
        run: |
${indented(WAIT_FOR_TRUST, 10)}

  deploy:
    name: Deploy
    needs: push
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    environment: production
    permissions:
      contents: read # checkout
      id-token: write # as above
    steps:
${checkout}
${node}
${aws}
      - name: Deploy
        env:
          IMAGE_DIGEST: \${{ needs.push.outputs.digest }}
        run: ${DEPLOY}
`;
}
