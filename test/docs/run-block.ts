import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Stage, type Stack } from 'aws-cdk-lib';
import { Repository as CodeRepository } from 'aws-cdk-lib/aws-codecommit';
import { Artifact, Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { CodeCommitSourceAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import {
  Cluster,
  ContainerImage,
  DeploymentStrategy,
  FargateService,
  FargateTaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import * as ts from 'typescript';
import { blocksOf, page, type Block } from './markdown';
import * as library from '../../src';
import { addDays, dayOf } from '../../src/core/waivers/life';
import { newStack } from '../support/synthesise';

/** The files that examples name, as their pages show them: what lies beside the reader's app. */
function files(): Record<string, string> {
  const inPage = (file: string, language: string) =>
    blocksOf({ file, text: page(file) }).find(block => block.language === language)!.code;
  const soon = addDays(dayOf(new Date()), 30);
  return {
    'app/Dockerfile': 'FROM scratch\n',
    'policies/team.rego': inPage('docs/rego.md', 'rego'),
    'known_exploited_vulnerabilities.json': inPage('docs/policy.md', 'json'),
    'trusted-images.yaml': inPage('docs/policy.md', 'yaml'),
    'waivers.yaml': inPage('docs/waivers.md', 'yaml')
      .replace(/expires: \S+/g, `expires: ${soon}`)
      .replace(/ {4}accepted: \S+\n/g, ''),
    '.trivyignore': `CVE-2026-1234 exp:${soon}\n`,
    'app.vex.json': inPage('docs/waivers.md', 'json').replace(
      /"timestamp": "[^"]+"/,
      `"timestamp": "${new Date().toISOString()}"`,
    ),
  };
}

/** What an example declares and does not make, by its type. */
const GIVEN: Readonly<Record<string, (stack: Stack, id: string) => unknown>> = {
  ImageTrust: (stack, id) =>
    new library.ImageTrust(stack, id, { repositories: [library.RepositorySelector.prefix('team/')] }),
  FargateService: (stack, id) => {
    const taskDefinition = new FargateTaskDefinition(stack, `${id}Task`);
    taskDefinition.addContainer('web', { image: ContainerImage.fromRegistry('web') });
    const cluster = new Cluster(stack, `${id}Cluster`);
    const deploymentStrategy = DeploymentStrategy.BLUE_GREEN;
    return new FargateService(stack, id, { cluster, taskDefinition, deploymentStrategy });
  },
  Pipeline: (stack, id) => {
    const output = new Artifact();
    const repository = new CodeRepository(stack, `${id}Code`, { repositoryName: 'code' });
    const source = new CodeCommitSourceAction({ actionName: 'Source', repository, output });
    return new Pipeline(stack, id, { stages: [{ stageName: 'Source', actions: [source] }] });
  },
  Role: (stack, id) => new Role(stack, id, { assumedBy: new AccountRootPrincipal() }),
};

/**
 * Runs a block in the constructor of a stack, as it would run in the reader's app. That its types are right
 * says the test of all pages.
 */
export function synthesise({ code }: Block): unknown {
  const lines = code.split('\n');
  const isImport = (line: string) => line.startsWith('import ');
  const given = [...code.matchAll(/^declare const (\w+): (\w+);$/gm)].map(([, name, type]) => ({
    name: name!,
    type: type!,
  }));
  const program = [
    ...lines.filter(isImport),
    `exports.construct = function (${given.map(({ name }) => name).join(', ')}) {`,
    ...lines.filter(line => !isImport(line)),
    '};',
  ].join('\n');
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exported: { construct?: (this: Stack, ...values: unknown[]) => void } = {};
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const load = (name: string): unknown => (name === 'cdk-trusted-images' ? library : require(name));
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  new Function('require', 'exports', outputText)(load, exported);
  const stack = newStack();
  const values = given.map(({ name, type }) => GIVEN[type]!(stack, `Given-${name}`));
  inFolder(files(), () => exported.construct!.call(stack, ...values));
  return Stage.of(stack)!.synth().getStackArtifact(stack.artifactId).template;
}

function inFolder(contents: Record<string, string>, work: () => void): void {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'docs-'));
  try {
    for (const [file, content] of Object.entries(contents)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    process.chdir(folder);
    work();
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
}
