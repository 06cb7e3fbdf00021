import type { KnownBase, KnownBases } from '../../src/core/bases/known-bases';
import type { GracePeriods } from '../../src/core/evaluation/grace-periods';
import type { HoldEndedEvent } from '../../src/core/events/hold-events';
import type { ImageEvent } from '../../src/core/events/image-events';
import type { Enrolment } from '../../src/core/image/enrolment';
import type { ImageName, Place } from '../../src/core/image/image';
import type { Pulled } from '../../src/core/register/revocation-brake';
import type { RegisterRow } from '../../src/core/register/row';
import type { AskRego } from '../../src/core/rego/rego-program';
import type { Cause } from '../../src/core/scanning/failed-scan';
import type { Build, ExpectedBuild } from '../../src/core/scanning/provenance';
import type { ResultMessage } from '../../src/core/scanning/result-message';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import { Seconds } from '../../src/core/times';
import type { ActivePolicy } from '../policy/active-policy';

/** The ports of evaluation: what it needs from outside, and no more. */
export interface EvaluateContext {
  readonly register: {
    load(image: ImageName): Promise<RegisterRow>;
    save(row: RegisterRow, now: Date): Promise<RegisterRow | undefined>;
  };
  /** Releases the slot of a scan. The requests whose turn it is now. */
  readonly slots: {
    release(scanId: string, hasQueued: boolean, now: Date): Promise<readonly ScanRequest[]>;
  };
  readonly builds: { get(buildId: string): Promise<Build | undefined> };
  /** What builds uploaded. */
  readonly uploads: { read(key: string, maxBytes: number): Promise<Uint8Array | undefined> };
  readonly evidence: {
    readonly name: string;
    read(key: string, maxBytes: number): Promise<Uint8Array | undefined>;
    writeOnce(key: string, body: Uint8Array | string, contentType: string): Promise<boolean>;
  };
  readonly events: { publish(event: ImageEvent | HoldEndedEvent): Promise<void> };
  readonly requests: {
    send(request: ScanRequest, delaySeconds?: number): Promise<void>;
    sendAll(requests: readonly ScanRequest[]): Promise<void>;
  };
  readonly results: { sendAll(messages: readonly ResultMessage[]): Promise<void> };
  readonly expectedBuild: ExpectedBuild;
  readonly urlSuffix: string;
  readonly now: Date;
  readonly home: Place;
  /** Grace periods, by repository. */
  readonly gracePeriods: {
    of(image: ImageName): Promise<GracePeriods>;
    open(image: ImageName, gracePeriods: GracePeriods): Promise<void>;
  };
  /** The images of base repositories. Absent where no repository is declared one. */
  readonly bases?: {
    readonly repositories: Enrolment;
    load(): Promise<KnownBases>;
    remember(base: KnownBase): Promise<void>;
  };
  /** The brake on revocations. Absent where the trust has none. */
  readonly brake?: {
    /** The pull that holds the revocations of this repository. The question may pull the brake. */
    ask(repository: string, now: Date): Promise<Pulled | undefined>;
    /** The pull that holds now. */
    pulled(now: Date): Promise<Pulled | undefined>;
    count(failed: { readonly repository: string; readonly verdictId: string }, now: Date): Promise<void>;
  };
  /** Absent where no engine was deployed. */
  readonly rego?: AskRego;
  /** The active policy and waivers. Throws if there is none or it cannot be read: then nothing is decided. */
  activePolicy(): Promise<ActivePolicy>;
  newId(): string;
}

export type EvaluateOutcome = { readonly image?: ImageName; readonly scanId?: string } & (
  | {
      readonly done: string;
      readonly cause?: Cause;
      readonly outcome?: 'PASS' | 'FAIL';
      /** The brake holds the revocation. */
      readonly isHeld?: true;
      /** How long a new image waited for its verdict. */
      readonly secondsSincePush?: number;
    }
  | { readonly deferSeconds: number; readonly why: string }
  | { readonly poison: string }
);

/** Somebody else wrote the row in between: the message is handled again (rule 4.2, optimistic locking). */
export function conflict(image: ImageName): EvaluateOutcome {
  return { image, deferSeconds: Seconds.rowConflict, why: "the image's row changed in between" };
}
