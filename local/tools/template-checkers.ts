import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder';
import { run } from './command';
import { installPythonPackages } from './python-packages';
import { sha256Of } from '../../src/core/text/sha256';

const REQUIREMENTS = join(__dirname, 'template-checkers-requirements.txt');
const REMEDY =
  'see whether this machine has Python 3.10 or newer with venv, and reaches the Python package index';

/** What a checker says about one resource of a template. */
export interface TemplateFinding {
  readonly rule: string;
  /** The logical id, or what else of the template it is about. */
  readonly resource: string;
  readonly message: string;
}

/** Programs of the Python package index that check templates of CloudFormation. */
export interface TemplateCheckers {
  /** For us-east-1, or for the regions that are named: `ALL_REGIONS` are those of its schemas. */
  cfnLint(templates: readonly string[], regions?: readonly string[]): Promise<TemplateFinding[]>;
  checkov(templates: readonly string[]): Promise<TemplateFinding[]>;
  /**
   * The actions by which CloudFormation makes, reads, changes and deletes resources of these types: AWS's own
   * schemas name them, which cfn-lint brings along. Empty where the schema says nothing.
   */
  actionsOf(types: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>>;
  /**
   * Which of these types each region lacks: AWS publishes a schema of each type for each region that has it.
   * Regions without any schema are left out: for them cfn-lint answers with the types of us-east-1.
   */
  typesLackingIn(types: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>>;
}

const ACTIONS_OF = `
import json, sys
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
def actions(kind):
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema.get("handlers", {})
    return sorted({a for name, h in handlers.items() if name != "list" for a in h.get("permissions", [])})
print(json.dumps({kind: actions(kind) for kind in sys.argv[1:]}))
`;

const TYPES_LACKING_IN = `
import json, sys
from cfnlint.helpers import REGIONS
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
have = {region: set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region)) for region in REGIONS}
known = {region: types for region, types in have.items() if region == "us-east-1" or types != have["us-east-1"]}
print(json.dumps({region: sorted(set(sys.argv[1:]) - types) for region, types in known.items()}))
`;

interface CfnLintMatch {
  readonly Rule: { readonly Id: string };
  readonly Location: { readonly Path: readonly (string | number)[] | null };
  readonly Message: string;
}

interface CheckovAnswer {
  readonly results: {
    readonly failed_checks: readonly {
      readonly check_id: string;
      readonly check_name: string;
      readonly resource: string;
    }[];
  };
  readonly summary: { readonly passed: number; readonly parsing_errors: number };
}

/** In their own virtual environment, created once for each content of the requirements. */
export async function ensureTemplateCheckers(say: (line: string) => void): Promise<TemplateCheckers> {
  const home = join(cacheFolder(), 'tools', `templates-${sha256Of(readFileSync(REQUIREMENTS)).slice(0, 16)}`);
  if (!existsSync(home)) {
    say('installing cfn-lint and checkov, once: this takes about 40 seconds and 400 MB');
    await installPythonPackages({
      home,
      requirements: REQUIREMENTS,
      interpreter: 'python3',
      remedy: { environment: REMEDY, packages: REMEDY },
    });
  }
  const environment = { PATH: process.env.PATH, HOME: home };
  // by its module: a script names its interpreter by a path, and the environment was moved
  const python = async (args: readonly string[]): Promise<unknown> => {
    const { stdout, stderr } = await run(join(home, 'bin', 'python'), args, { environment });
    try {
      return JSON.parse(stdout);
    } catch {
      throw new Error(`${args.join(' ')} printed no JSON: ${`${stdout}${stderr}`.trim().slice(-1000)}`);
    }
  };
  return {
    actionsOf: async types => (await python(['-c', ACTIONS_OF, ...types])) as Record<string, string[]>,
    typesLackingIn: async types =>
      (await python(['-c', TYPES_LACKING_IN, ...types])) as Record<string, string[]>,
    cfnLint: async (templates, regions = ['us-east-1']) => {
      const program = 'from cfnlint.runner import main; main()';
      const flags = ['--format=json', '--regions', ...regions];
      const matches = (await python(['-c', program, ...flags, '--', ...templates])) as CfnLintMatch[];
      return matches.map(({ Rule, Location, Message }) => ({
        rule: Rule.Id,
        resource: (Location.Path ?? []).slice(0, 2).at(-1)?.toString() ?? 'template',
        message: Message,
      }));
    },
    checkov: async templates => {
      // CKV2_AWS_75, of function URLs that every site may call, cannot be written as JSON: checkov ends with
      // a TypeError where a template has a function URL
      const without = '--skip-check=CKV2_AWS_75';
      const flags = ['--framework=cloudformation', '--skip-download', '--compact', '--output=json', without];
      const files = templates.flatMap(template => ['--file', template]);
      const answer = (await python(['-m', 'checkov.main', ...flags, ...files])) as CheckovAnswer;
      // a template that it cannot read has no findings either
      if (!(answer.summary.parsing_errors === 0 && answer.summary.passed > 0)) {
        throw new Error(`checkov did not check ${templates.join(', ')}: ${JSON.stringify(answer.summary)}`);
      }
      return answer.results.failed_checks.map(({ check_id, check_name, resource }) => ({
        rule: check_id,
        resource: resource.split('.').at(-1)!,
        message: check_name,
      }));
    },
  };
}
