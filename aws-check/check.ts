import type { StateFile } from './state';
import type { AwsClients } from '../local/cloud/aws-clients';
import type { CloudDescription, Mark } from '../local/cloud/description';

/** One check of one account, which steps share. */
export interface Check {
  readonly cloud: CloudDescription & { readonly mark: Mark };
  readonly aws: AwsClients;
  readonly file: StateFile;
  /** Where logs and results are written. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** The name of something that the check itself makes. */
export function ownName({ cloud }: { readonly cloud: Pick<Check['cloud'], 'mark'> }, name?: string): string {
  return ['aws-check', cloud.mark.id, ...(name === undefined ? [] : [name])].join('-');
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
