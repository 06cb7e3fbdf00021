import type { AlertMessage } from '../../../src/core/alerts/message';
import type { Enrolment } from '../../../src/core/image/enrolment';
import { imageOf, imageReference, type ImageName, type Place } from '../../../src/core/image/image';
import type { VerificationKey } from '../../../src/core/signing/verification-key';
import type { ServiceGateContext } from '../../../use-cases/gates/decide-for-service';
import { ACCOUNT, type World } from '../world';

/** What a gate in a service is given, and what it tells. */
export class ServiceGate {
  public pinned: readonly VerificationKey[];
  public enforcement: ServiceGateContext['enforcement'] = 'REFUSE';
  public allowedDigests: string[] = [];
  public schemaVersion?: string;
  public breakGlass?: ServiceGateContext['breakGlass'];
  public home: Place = ACCOUNT;
  public enrolment: Enrolment = [{ by: 'all' }];
  public readonly reported: { outcome: string; message: AlertMessage | undefined }[] = [];
  public readonly said: string[] = [];
  /** The images that were looked up. */
  public readonly asked: ImageName[] = [];
  /** No time is over, unless the test says so. */
  public pause: ServiceGateContext['pause'];
  public load: ServiceGateContext['register']['load'];
  public keys: ServiceGateContext['keys']['all'];

  constructor(private readonly world: World) {
    this.pinned = [world.signer.current];
    this.pause = () => new Promise(() => undefined);
    this.load = image => world.register.load(image);
    this.keys = async () => [...this.pinned];
  }

  public context(): ServiceGateContext {
    const { world, enforcement, allowedDigests, schemaVersion, home, enrolment, breakGlass } = this;
    return {
      register: {
        load: async image => {
          this.asked.push(image);
          return this.load(image);
        },
      },
      keys: { all: () => this.keys() },
      policies: { policy: async () => world.policy },
      now: world.now,
      judged: { home, enrolment },
      enforcement,
      allowedDigests,
      schemaVersion,
      breakGlass,
      evidenceBucket: 'evidence',
      report: async (outcome, message) => {
        this.reported.push({ outcome, message });
      },
      say: line => {
        this.said.push(line);
      },
      pause: seconds => this.pause(seconds),
    };
  }
}

/** As a task definition names it: by its digest. */
export function uriOf(image: ImageName): string {
  return imageReference(imageOf(image), 'amazonaws.com');
}

/** Makes an image of a state, in a repository of its own. */
type Make = (world: World, repository?: string) => Promise<ImageName>;

/** The states of an image, and what a gate says of each. */
export const STATES: readonly (readonly [state: string, says: string | undefined, make: Make])[] = [
  ['trusted', undefined, trusted],
  [
    'failed',
    'is refused: it does not pass policy (1 violation',
    (world, repository) => judged(world, world.has('fixable-critical', [], repository)),
  ],
  [
    'revoked',
    'is refused: it was trusted, and a later verdict refused it',
    async (world, repository) => {
      const image = await trusted(world, repository);
      world.finds(image, 'fixable-critical');
      world.ask(image, 'request');
      await world.settle();
      return image;
    },
  ],
  [
    'expired',
    'is refused: its trust has expired',
    async (world, repository) => {
      const image = await trusted(world, repository);
      world.pass(73);
      return image;
    },
  ],
  [
    'unknown',
    'is refused: it has not been judged yet',
    async (world, repository) => world.has('clean', [], repository),
  ],
  [
    'indeterminate',
    'is refused: its scan ended without a verdict (',
    (world, repository) => {
      const image = world.has('clean', [], repository);
      world.finds(image, { exitCode: 1, errors: 'no reason' });
      return judged(world, image);
    },
  ],
];

export async function trusted(world: World, repository?: string): Promise<ImageName> {
  return judged(world, world.has('clean', [], repository));
}

async function judged(world: World, image: ImageName): Promise<ImageName> {
  world.push(image, 'v1');
  await world.settle();
  return image;
}
