import type { Command } from 'commander';
import type { Cli } from '../shell/cli';
import type { AdmissionOptions } from '../stack/admission';
import type { ReleaseOptions } from '../stack/brake';
import type { EndOptions, GrantOptions } from '../stack/break-glass';
import type { CheckOptions } from '../stack/check-waivers';
import type { FindingsOptions } from '../stack/findings';
import { asksImage, asksStack, namesStack, type AskOptions, type ImageOptions } from '../stack/options';
import type { RedriveOptions } from '../stack/redrive';
import type { ReportOptions } from '../stack/report';
import type { RescanOptions } from '../stack/rescan';
import type { VerifyOptions } from '../stack/verify';
import type { ExpiringOptions } from '../stack/waivers';

/** Commands that ask a deployed stack. What they run, with the AWS SDK, is loaded when it is needed. */
export function addStackCommands(program: Command, cli: Cli): void {
  asksImage(
    program
      .command('verify')
      .description('whether an image is trusted, as a gate decides: 0 trusted, 1 refused, 2 indeterminate'),
  )
    .option(
      '--key <file|arn>',
      'ask the registry instead, and believe this public key (PEM file, or ARN of a key of AWS KMS); repeatable',
      (key, keys: string[] = []) => [...keys, key],
    )
    .option('--max-age <hours>', 'with --key: how long ago the image may have been judged')
    .action(async (image: string, options: VerifyOptions) =>
      (await import('../stack/verify.js')).verify(image, options, cli),
    );

  asksStack(
    program
      .command('status')
      .description(
        'the images of a repository: outcome, how long it holds, signature, last failed scan, deadlines',
      ),
  )
    .argument('<repository>', 'its name, as team/app')
    .action(async (repository: string, options: AskOptions) =>
      (await import('../stack/status.js')).status(repository, options, cli),
    );

  namesStack(
    program
      .command('report')
      .description('write one page about all images: verdicts, counts, expiry, deadlines; reads only'),
  )
    .option('--html <file>', 'the file to write', 'trusted-images.html')
    .action(async (options: ReportOptions) => (await import('../stack/report.js')).report(options, cli));

  namesStack(
    program
      .command('admission')
      .description(
        'a policy for clusters and hosts that cannot read the register, with the keys of the trust and every digest that was revoked until now',
      ),
  )
    .argument(
      '<program>',
      'kyverno, kyverno-cluster-policy, policy-controller, revoked, containers-policy or containers-registries',
    )
    .option(
      '--repository <name>',
      'a repository, as team/app; repeatable (default: each with an image on record)',
      (name, names: string[] = []) => [...names, name],
    )
    .option('--policy-name <name>', 'its name in the cluster', 'trusted-images')
    .action(async (name: string, options: AdmissionOptions) =>
      (await import('../stack/admission.js')).admission(name, options, cli),
    );

  asksStack(program.command('findings').description('which images have a vulnerability, and who waived it'))
    .option('--cve <id>', 'the id of a vulnerability, in all images')
    .option('--repository <name>', 'the images of one repository')
    .option('--all', 'also fixed findings')
    .action(async (options: FindingsOptions) =>
      (await import('../stack/findings.js')).findings(options, cli),
    );

  asksImage(
    program
      .command('explain')
      .description(
        'why an image is trusted or refused: each rule with its outcome, findings, waivers, deadlines, policy, database, and where the evidence is',
      ),
  ).action(async (image: string, options: ImageOptions) =>
    (await import('../stack/explain.js')).explain(image, options, cli),
  );

  asksStack(
    program
      .command('doctor')
      .description(
        'whether a deployed trust works: quotas, events, queues, database, images, keys, alarms; reads only. 0 nothing found, 1 something to fix, 2 something could not be read',
      ),
  ).action(async (options: AskOptions) => (await import('../stack/doctor.js')).doctor(options, cli));

  asksStack(
    program
      .command('redrive')
      .description(
        'bring each dead letter back to the queue that it is of, and say why it was one. 0 none is left, 1 some stay, 2 a queue could not be read',
      ),
  )
    .option('--dry-run', 'only say what is there, and bring nothing back')
    .action(async (options: RedriveOptions) => (await import('../stack/redrive.js')).redrive(options, cli));

  addWaivers(program, cli);
  addBreakGlass(program, cli);
  addBrake(program, cli);

  asksImage(program.command('rescan').description('request a scan of an image, as a deployment does'))
    .option('--wait', 'wait for its verdict: 0 trusted, 1 refused, 2 indeterminate')
    .option('--timeout <minutes>', 'with --wait: how long', '30')
    .action(async (image: string, options: RescanOptions) =>
      (await import('../stack/rescan.js')).rescan(image, options, cli),
    );
}

function addWaivers(program: Command, cli: Cli): void {
  const waivers = program
    .command('waivers')
    .description('check a file of waivers, or list active waivers that end soon or are not used');
  waivers
    .command('check')
    .description(
      'whether a file of waivers is valid; each problem with its line and column. Does not ask AWS: 0 valid, 1 not valid',
    )
    .argument('<file>', 'as waivers.yaml')
    .option('--max-life <days>', 'for how long a waiver may hold', '90')
    .option('--json', 'the answer as JSON')
    .action(async (file: string, options: CheckOptions) =>
      (await import('../stack/check-waivers.js')).checkWaivers(file, options, cli),
    );
  asksStack(waivers.command('expiring').description('active waivers that end soon, or have expired'))
    .option('--days <days>', 'how soon', '14')
    .action(async (options: ExpiringOptions) =>
      (await import('../stack/waivers.js')).waiversExpiring(options, cli),
    );
  asksStack(
    waivers
      .command('unused')
      .description('active waivers that cover nothing in any image now; reads the whole register'),
  ).action(async (options: AskOptions) => (await import('../stack/waivers.js')).waiversUnused(options, cli));
}

const IMAGE = 'the image, by its digest, or "*" for every image';
const SCOPE = 'where it runs: the ARN of one stack, ECS service or function of a PipelineGate, or an account';

function addBreakGlass(program: Command, cli: Cli): void {
  const breakGlass = program
    .command('break-glass')
    .description(
      'let an image run without trust in an emergency, for hours; each grant and each use is an alert',
    );
  asksStack(breakGlass.command('grant').description('up to 24h for one image, up to 4h for every image'))
    .requiredOption('--image <image>', IMAGE)
    .requiredOption('--scope <arn|account>', SCOPE)
    .requiredOption('--for <time>', 'how long, as 30m or 2h')
    .requiredOption('--because <text>', 'what is broken')
    .requiredOption('--ticket <id>', 'the incident')
    .action(async (options: GrantOptions) =>
      (await import('../stack/break-glass.js')).breakGlassGrant(options, cli),
    );
  asksStack(breakGlass.command('list').description('the grants that are active')).action(
    async (options: AskOptions) => (await import('../stack/break-glass.js')).breakGlassList(options, cli),
  );
  asksStack(breakGlass.command('end').description('end every grant for an image and a scope now'))
    .requiredOption('--image <image>', IMAGE)
    .requiredOption('--scope <arn|account>', SCOPE)
    .action(async (options: EndOptions) =>
      (await import('../stack/break-glass.js')).breakGlassEnd(options, cli),
    );
}

function addBrake(program: Command, cli: Cli): void {
  const brake = program
    .command('brake')
    .description('the brake on revocations: what it holds, and how a person releases it');
  asksStack(
    brake.command('status').description('whether it holds, why, and which images; reads the whole register'),
  ).action(async (options: AskOptions) => (await import('../stack/brake.js')).brakeStatus(options, cli));
  asksStack(
    brake
      .command('release')
      .description('revoke what it holds now, and hold nothing for a day; an alert says who and why'),
  )
    .requiredOption('--because <text>', 'why the images may be revoked')
    .requiredOption('--ticket <id>', 'the incident')
    .action(async (options: ReleaseOptions) =>
      (await import('../stack/brake.js')).brakeRelease(options, cli),
    );
}
