import { compareAll, randomDockerfiles } from './dockerfiles';

const MINUTES = 10 * 60_000; // for the first time, in which BuildKit is built
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

test(
  `BuildKit: 500 random Dockerfiles let nothing through that its own steps show (SEED=${SEED})`,
  async () => {
    const { cases, disagreements } = await compareAll(randomDockerfiles(500, SEED));
    expect(cases).toBe(500);
    expect(disagreements.filter(({ name }) => name.startsWith('wider'))).toEqual([]);
  },
  MINUTES,
);
