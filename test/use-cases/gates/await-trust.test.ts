import { imageOf, type ImageName } from '../../../src/core/image/image';
import { Seconds } from '../../../src/core/times';
import { World } from '../world';
import { Gate, type Deployed } from '../world/gate';

let world: World;
let gate: Gate;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new Gate(world);
});

/** One look at an image that was asked for so many seconds ago. */
async function look(
  image: ImageName,
  {
    after = 0,
    rollback = 'NO',
    enforcement = 'REFUSE',
    id,
  }: {
    after?: number;
    rollback?: 'NO' | 'YES' | 'UNKNOWN';
    enforcement?: Deployed['enforcement'];
    id?: string;
  } = {},
) {
  const { repository, digest } = imageOf(image);
  const requestedAt = new Date(world.now.getTime() - after * 1000).toISOString();
  const event = gate.event({ repository, digest, enforcement }, id === undefined ? 'Create' : 'Update', id);
  return gate.look(event, { image, reference: digest, enforcement: enforcement!, requestedAt, rollback });
}

/** Why a look refuses. */
async function refusal(image: ImageName, options: Parameters<typeof look>[1]): Promise<string> {
  const answer = await look(image, options);
  return 'reason' in answer ? answer.reason : `not refused: ${JSON.stringify(answer)}`;
}

async function judged(name: string): Promise<ImageName> {
  const image = world.has(name);
  world.push(image, 'v1');
  await world.settle();
  return image;
}

function admitted(image: ImageName, mark = ''): object {
  const { digest } = imageOf(image);
  return { PhysicalResourceId: `${image}#${digest}${mark}`, Data: { Digest: digest } };
}

function named(image: ImageName): string {
  const { repository, digest } = imageOf(image);
  return `${repository}@${digest.slice(0, 19)}`;
}

const ANYWAY = '#anyway';
const WAITS = { waits: expect.any(String), inSeconds: 5 };

test('what is trusted is admitted, with the digest that was judged', async () => {
  const image = await judged('clean');
  expect(await look(image)).toEqual(admitted(image));
  expect(gate.said).toEqual([
    `${named(image)} is admitted: every image is trusted, until ${world.row(image).verdict!.validUntil}`,
  ]);
});

test('what nobody has judged yet is waited for, and each look says what for', async () => {
  const image = world.has('clean');
  expect(await look(image, { after: 15 })).toEqual(WAITS);
  expect(gate.said).toEqual([
    expect.stringMatching(
      /^waits: NO_VERDICT: .* is refused: it has not been judged yet; 15 of 3300 seconds$/,
    ),
  ]);
});

test('what failed before is waited for until the scan that was asked for has ended', async () => {
  const image = await judged('fixable-critical');
  world.pass(1);
  expect(await look(image)).toEqual(WAITS);
  expect(await look(image, { after: 3000 })).toEqual(WAITS);
  expect(await refusal(image, { after: 7200 })).toMatch(/is refused: it does not pass policy/);
});

test.each([
  [
    'fixable-critical',
    /^- vulnerabilities: CRITICAL CVE-2021-44906 in minimist 0\.0\.8 \(app\/node_modules\/minimist\/package\.json\): .*; upgrade minimist to 0\.2\.4/m,
  ],
  [
    'secret-deleted-later',
    /^- secrets: secret in \/app\/\.env: .*, in the layer sha256:[0-9a-f]{64}; take the secret out of every layer and revoke it/m,
  ],
  ['root', /^- runs-as-root: .*names no user/m],
])(
  '%s is refused with its finding, the rule, the remedy and where to read on; CloudFormation takes all of it',
  async (name, line) => {
    const image = await judged(name);
    const message = await refusal(image, { after: 7200 });
    expect(message).toMatch(line);
    expect(message).toContain(`verdict: s3://evidence/${world.row(image).verdict!.evidenceKey}`);
    expect(message).toContain('To fix: fix the named violations, push, and deploy the new digest');
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(3000);
  },
);

test('a verdict that refuses what was trusted says so', async () => {
  const image = await judged('clean');
  world.finds(image, 'fixable-critical');
  world.pass(25);
  world.ask(image, 'request');
  await world.settle();
  expect(await refusal(image, { after: 7200 })).toMatch(
    /is refused: it was trusted, and a later verdict refused it \(1 violation, scan /,
  );
});

test('a scan that was indeterminate is waited for as long as it is tried again, and refused with its cause and remedy after that', async () => {
  const image = world.has('clean');
  world.finds(image, { status: 'FAULT' });
  world.push(image, 'v1');
  await world.settle({ minutes: 2 });
  expect(await look(image, { after: 600 })).toEqual(WAITS);
  expect(gate.said.at(-1)).toMatch(/INDETERMINATE: .*BUILD_FAULT/);
  await world.settle();
  expect(await refusal(image, { after: 7200 })).toMatch(
    /its scan ended without a verdict \(BUILD_FAULT: [^]*To fix: .*CodeBuild had an internal fault/,
  );
});

test('what is no image is refused at once', async () => {
  const image = await judged('helm-chart');
  expect(await refusal(image, { after: 1 })).toMatch(/is refused/);
});

test('a signature is no image: nobody will ever judge it', async () => {
  const image = await judged('clean');
  const { pk } = [...world.register.rows.values()].find(({ kind }) => kind === 'attachment')!;
  const message = await refusal(pk, {});
  expect(message).toMatch(
    /is refused: it is not an image but a signature, an attestation, an SBOM .* \(application\/vnd\.dev\.sigstore\.bundle\.v0\.3\+json\)$/m,
  );
  expect(message).toContain(
    `To fix: deploy the image that it belongs to: ${imageOf(image).digest} of the same repository`,
  );
  expect(message).not.toMatch(/wait|scan/);
});

test('after its time it is refused, and says for how long nothing was heard', async () => {
  const image = world.has('clean');
  expect(await look(image, { after: 3299 })).toEqual(WAITS);
  expect(await refusal(image, { after: 3300 })).toMatch(
    /it has not been judged yet; nothing changed within 55 minutes\n[^]*To fix: /,
  );
});

describe('what cannot be looked up', () => {
  const image = `000000000000.us-east-1/team/clean@sha256:${'0'.repeat(64)}`;

  test.each<[string, () => void]>([
    [
      'the register does not answer',
      () => {
        world.register.load = async () => {
          throw Object.assign(new Error('not allowed to read \u001b[31mthe table'), {
            name: 'AccessDeniedException',
          });
        };
      },
    ],
    [
      "the register's row is none",
      () => {
        world.register.load = async () => JSON.parse('{}');
      },
    ],
    [
      'the register answers with the row of another image',
      () => {
        world.register.load = async () => world.row(`${image.slice(0, -1)}1`);
      },
    ],
    [
      'the keys cannot be read',
      () => {
        Object.defineProperty(gate, 'pinned', {
          get: () => {
            throw new Error('ThrottlingException');
          },
        });
      },
    ],
  ])('is not admitted: %s', async (_why, arrange) => {
    arrange();
    expect(await look(image, { after: 10 })).toEqual(WAITS);
    expect(await refusal(image, { after: 3300 })).toMatch(/is refused: /);
  });

  describe('rule 5.7, fail closed: a register that never answers', () => {
    const paused: number[] = [];
    beforeEach(() => {
      paused.length = 0;
      world.register.load = () => new Promise(() => undefined);
      gate.pause = async seconds => {
        paused.push(seconds);
        return seconds === Seconds.trustAnswers ? undefined : new Promise(() => undefined);
      };
    });

    test('is waited for five minutes too, and then the image is refused, with an answer', async () => {
      expect(await look(image, { after: 299 })).toEqual(WAITS);
      expect(await refusal(image, { after: 300 })).toMatch(
        /it could not be looked up \(no answer within 5 seconds\)/,
      );
      const { gateDecides, trustAnswers } = Seconds;
      expect(paused).toEqual([gateDecides, trustAnswers, gateDecides, trustAnswers]);
      expect(Seconds.gateDecides).toBeLessThan(Seconds.awaitTrust);
    });

    test('holds up no rollback', async () => {
      expect(await look(image, { rollback: 'YES' })).toEqual(admitted(image, ANYWAY));
      expect(gate.alerts).toHaveLength(1);
    });

    test('nor do grants that nobody can read: the alert and the refusal name the image', async () => {
      gate.breakGlass = { grants: () => new Promise(() => undefined), recordUse: async () => undefined };
      gate.pause = async seconds =>
        seconds === Seconds.gateDecides ? undefined : new Promise(() => undefined);
      expect(await look(image, { rollback: 'YES' })).toEqual(admitted(image, ANYWAY));
      const says = `${image} is refused: it could not be looked up (no decision within 15 seconds)`;
      expect(gate.alerts[0]!.lines).toContainEqual(expect.stringContaining(says));
      expect(await refusal(image, { after: 300 })).toContain(says);
    });
  });

  test('is waited for five minutes, in which IAM lets a new function read; then it is refused, with the error in one line', async () => {
    world.register.load = async () => {
      throw Object.assign(new Error('not allowed to read \u001b[31mthe table'), {
        name: 'AccessDeniedException',
      });
    };
    expect(await look(image, { after: 299 })).toEqual(WAITS);
    expect(gate.said).toEqual([expect.stringContaining('LOOKUP_FAILED')]);
    expect(await refusal(image, { after: 300 })).toMatch(
      /it could not be looked up \(AccessDeniedException: not allowed to read the table\)/,
    );
  });
});

describe('a gate that only audits', () => {
  test('admits what it would refuse, and tells people what it is', async () => {
    const image = await judged('fixable-critical');
    expect(await look(image, { after: 7200, enforcement: 'AUDIT' })).toEqual(admitted(image, ANYWAY));
    expect(gate.counted).toEqual(['ignored']);
    expect(gate.alerts).toEqual([
      {
        subject: expect.stringMatching(
          /^deployed without trust: team\/fixable-critical@sha256:[0-9a-f]{12} \(FAILED\)$/,
        ),
        title: expect.any(String),
        lines: expect.arrayContaining([
          expect.stringMatching(`^the image: ${image} is refused: it does not pass policy`),
          'its gate only audits (Enforcement.audit)',
          expect.stringMatching(/^- vulnerabilities: CRITICAL CVE-/),
          expect.stringMatching(/^verdict: s3:/),
        ]),
        nextSteps: ['fix the named violations, push, and deploy the new digest'],
      },
    ]);
    expect(gate.said.at(-1)).toMatch(
      /^team\/fixable-critical@sha256:\S+ goes on without trust: its gate only audits/,
    );
  });

  test('waits for a quarter of an hour and no longer', async () => {
    const image = world.has('clean');
    expect(await look(image, { after: 899, enforcement: 'AUDIT' })).toEqual(WAITS);
    expect(await look(image, { after: 900, enforcement: 'AUDIT' })).toEqual(admitted(image, ANYWAY));
    expect(gate.alerts.map(({ title }) => title)).toEqual([expect.stringContaining('(NO_VERDICT)')]);
  });

  test('tells nobody of what is trusted', async () => {
    const image = await judged('clean');
    expect(await look(image, { enforcement: 'AUDIT' })).toEqual(admitted(image));
    expect(gate.alerts).toEqual([]);
  });
});

describe('a stack on its way back', () => {
  const idOf = (image: ImageName) => `${image}#${imageOf(image).digest}`;

  test.each<[string, string, () => void]>([
    ['was refused meanwhile', 'FAILED', () => undefined],
    [
      'cannot be looked up',
      'LOOKUP_FAILED',
      () => {
        world.register.load = async () => {
          throw new Error('AccessDenied');
        };
      },
    ],
  ])(
    'gets what ran before although it %s, at once, and the team is notified; once trusted, it is still one that was',
    async (_what, reason, arrange) => {
      const image = await judged('fixable-critical');
      arrange();
      expect(await look(image, { rollback: 'YES', id: idOf(image) })).toEqual(admitted(image));
      expect(gate.alerts.map(({ title }) => title)).toEqual([expect.stringContaining(`(${reason})`)]);
      expect(gate.alerts[0]!.lines).toContain(
        'its stack was rolling back, and the image that ran before may run again',
      );
    },
  );

  test.each(['#anyway', ''])(
    'gets what no gate ever found trusted, if nothing else is there; a rollback does not make it trusted, and the team is notified (id: %j)',
    async mark => {
      const image = await judged('fixable-critical');
      const id = mark === '' ? 'not-admitted/1' : `${idOf(image)}${mark}`;
      expect(await look(image, { rollback: 'YES', id })).toEqual(admitted(image, ANYWAY));
      expect(gate.alerts[0]!.lines).toContain(
        'its stack was rolling back, and there was no image that its gate ever found trusted',
      );
    },
  );

  test('of a gate that only audits gets what ran before', async () => {
    const image = await judged('fixable-critical');
    expect(await look(image, { rollback: 'YES', id: `${idOf(image)}#anyway`, enforcement: 'AUDIT' })).toEqual(
      admitted(image, ANYWAY),
    );
    expect(gate.alerts[0]!.lines).toContain(
      'its stack was rolling back, and the image that ran before may run again',
    );
  });

  test('or perhaps on its way back says that nobody knows', async () => {
    const image = await judged('fixable-critical');
    expect(await look(image, { rollback: 'UNKNOWN', id: idOf(image) })).toEqual(admitted(image));
    expect(gate.alerts[0]!.lines).toContain(
      'the status of its stack could not be read, and the image ran there before',
    );
  });

  test('tells nobody of what is trusted, and remembers that it is', async () => {
    const image = await judged('clean');
    expect(await look(image, { rollback: 'YES', id: `${idOf(image)}#anyway` })).toEqual(admitted(image));
    expect(gate.alerts).toEqual([]);
  });
});
