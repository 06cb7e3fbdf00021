import type { Cli } from '../../../cli/shell/cli';
import { ExitCode } from '../../../cli/shell/exit-code';
import { Output } from '../../../cli/shell/output';
import type { RegisterRow } from '../../../src/core/register/row';
import { newRow } from '../../../src/core/register/row';
import type { StackDescription, StackReader } from '../../../use-cases/deployed-trust/deployed-stack';
import { NOW } from '../../core/support/made';

export interface FakeCli extends Cli {
  readonly printed: () => string;
  readonly said: () => string;
  readonly code: () => ExitCode;
}

export function fakeCli(changes: Partial<Pick<Cli, 'environment' | 'cwd' | 'now'>> = {}): FakeCli {
  const [stdout, stderr]: string[][] = [[], []];
  const stream = (to: string[] | undefined) => ({ write: (text: string) => to!.push(text) > 0 });
  let code: ExitCode = ExitCode.trusted;
  return {
    out: new Output({ stdout: stream(stdout), stderr: stream(stderr), environment: {} }),
    now: () => NOW,
    environment: {},
    cwd: process.cwd(),
    endWith: ended => {
      code = ended;
    },
    printed: () => stdout!.join(''),
    said: () => stderr!.join(''),
    code: () => code,
    ...changes,
  };
}

/** A register of these rows, and of images that nobody knows. */
export function fakeRegister(...rows: readonly RegisterRow[]) {
  return {
    load: async (image: string) => rows.find(({ pk }) => pk === image) ?? newRow(image),
    async *rowsOf() {
      yield* rows;
    },
  };
}

export const KEY_ID = '11111111-2222-3333-4444-555555555555';

/** A stack as CloudFormation would tell of it once it is deployed: physical ids follow from logical ones. */
export function deployed(template: any, description: Partial<StackDescription> = {}): StackReader {
  const physicalId = (logicalId: string, type: string) =>
    type === 'AWS::KMS::Key' ? KEY_ID : `physical-${logicalId}`;
  const resources = Object.entries<any>(template?.Resources ?? {}).map(
    ([id, { Type }]) => [id, { type: Type, physicalId: physicalId(id, Type) }] as const,
  );
  return {
    describe: async name =>
      name === 'Nowhere'
        ? undefined
        : {
            arn: 'arn:aws:cloudformation:us-east-1:000000000000:stack/Test/1',
            status: 'CREATE_COMPLETE',
            parameters: new Map(),
            outputs: new Map(),
            ...description,
          },
    template: async () => template,
    resources: async () => new Map(resources),
  };
}
