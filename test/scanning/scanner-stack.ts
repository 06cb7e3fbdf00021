import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  EvidenceBucket,
  ImageScanner,
  PolicyStore,
  RepositorySelector,
  TrustRegister,
  type ImageScannerProps,
} from '../../src';
import type { ScanJob } from '../../src/core/scanning/scan-job';
import { newStack } from '../support/synthesise';

export interface ScannerStack {
  readonly stack: Stack;
  readonly scanner: ImageScanner;
  readonly template: Template;
}

/** A scanner and what it cannot do without. The template is made whenever it is asked for. */
export function scannerStack(
  props: (stack: Stack) => Partial<ImageScannerProps> = () => ({}),
  stack = newStack(),
): ScannerStack {
  const scanner = new ImageScanner(stack, 'Scanner', {
    repositories: [RepositorySelector.prefix('team/')],
    register: new TrustRegister(stack, 'Register'),
    policies: new PolicyStore(stack, 'Policies'),
    evidence: new EvidenceBucket(stack, 'Evidence'),
    ...props(stack),
  });
  return {
    stack,
    scanner,
    get template() {
      return Template.fromStack(stack);
    },
  };
}

/** The job of the scan program, as the text of the build has it. */
export function jobOf(template: Template): ScanJob {
  const [{ Properties }] = Object.values(template.findResources('AWS::CodeBuild::Project')) as [any];
  const [command] = JSON.parse(Properties.Source.BuildSpec).phases.build.commands;
  const [, job] = /^printf '%s' '(.*)' > scan\/job\.json$/m.exec(command)!;
  return JSON.parse(job!);
}

export function manySelectors(count: number): RepositorySelector[] {
  return Array.from({ length: count }, (_, index) =>
    RepositorySelector.prefix(`platform/team-number-${index}/`),
  );
}
