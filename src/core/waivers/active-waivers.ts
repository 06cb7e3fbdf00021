import type { Waivers } from './waiver';

/**
 * The active waivers: rule 4.2 (optimistic locking) compares revisions, which only ever grow; the hash
 * tells which document it is.
 */
export interface PublishedWaivers {
  /** 0 where none were ever published. */
  readonly revision: number;
  readonly sha256?: string;
  /** Of the file that people edit, in its bucket. */
  readonly versionId?: string;
  readonly waivers: Waivers;
}

export const NO_WAIVERS: PublishedWaivers = { revision: 0, waivers: [] };
