import { join } from 'node:path';
import { readExpectation } from './expectation';
import { PACKAGES } from './packages';
import type { Suite } from './suite';

export const PAGE = join(__dirname, '..', '..', 'docs', 'conformance.md');
/** A reason names its cases up to so many. */
const MOST_NAMES = 12;

/** docs/conformance.md, from the suites and what is expected of them. */
export function pageOf(suites: readonly Suite[]): string {
  const rows = suites.map(({ name, about, authority }) => {
    const { cases = 0, agree = 0 } = readExpectation(name) ?? {};
    const cells = [
      `[${name}](#${name})`,
      about,
      authority,
      number(cases),
      number(agree),
      number(cases - agree),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `${[
    INTRODUCTION,
    [
      `| suite | what is compared | with whom | cases | agree | other |`,
      '|---|---|---|--:|--:|--:|',
      ...rows,
    ].join('\n'),
    ...suites.map(sectionOf),
    NOT_YET,
  ].join('\n\n')}\n`;
}

function sectionOf({ name, packages }: Suite): string {
  const { disagreements = [] } = readExpectation(name) ?? {};
  const pins = packages.map(each => `\`${each.slice(each.indexOf(':') + 1)}\` ${PACKAGES[each]?.version}`);
  return [
    `## ${name}`,
    `From ${pins.join(', ')}.${disagreements.length === 0 ? ' All cases agree.' : ''}`,
    ...(disagreements.length === 0
      ? []
      : [
          ['| cases that end otherwise | why |', '|---|---|']
            .concat(disagreements.map(({ why, names }) => `| ${namesOf(names)} | ${why} |`))
            .join('\n'),
        ]),
  ].join('\n\n');
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(each => `\`${each.replaceAll('|', '\\|')}\``);
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}

const INTRODUCTION = `# Conformance

<!-- written by npx projen test:conformance --write -->

Where somebody else's code, cases or schema says what is right, this project is compared with that, every night: \`npx projen test:conformance\`. This page says how many cases there are, how many end as the authority says, and why the others do not. A case that ends otherwise without a reason on this page fails the run, and so does a reason whose case agrees now.

The cases are in packages of public registries. [packages.json](../test/conformance/packages.json) pins each by version and hash. Beside them only the modules are fetched that their programs are built from, each by the hash in its \`go.sum\`. Nothing of a package is run but the code of Trivy, distribution/reference, BuildKit, Open Policy Agent, Kyverno, policy-controller and containers/image: [a small program](../test/conformance/authorities/main.go) asks the first two, [another](../buildkit/oracle/main.go) BuildKit, [a third](../test/conformance/admission/main.go) containers/image. Generated cases come from a fixed seed; \`SEED=7 npx projen test:conformance trivy-ignore\` tries another one.

A new suite is one file in [test/conformance](../test/conformance/suite.ts) and one line in [suites.ts](../test/conformance/suites.ts).`;

const NOT_YET = `## Not in a registry

These have been compared by hand, and are not part of the nightly run, because no package of a registry has their cases: the examples of the OpenVEX specification, the invalid documents of the CycloneDX specification, reports of Trivy that other projects keep as samples, Dockerfiles of public projects that are no builders, and the present cases of purl-spec (565 of 586 agree; [the functions](../test/conformance/purl-spec.ts) that compare them are tested with some of them).`;
