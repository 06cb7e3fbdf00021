import { awscdk } from 'projen';

/**
 * What takes too long for every change: the rest of `test:all`, and the nightly run. Each task needs Go and
 * the registries of packages, and nothing else.
 */
export function addNightly(project: awscdk.AwsCdkConstructLibrary): void {
  const env = { NODE_NO_WARNINGS: '1' };
  const suites = project.addTask('test:conformance', {
    description:
      "Hold this project against other people's suites and code: all of them, or those that are named",
    exec: 'tsx test/conformance/nightly.ts',
    receiveArgs: true,
    env,
  });
  suites.prependSpawn(project.tasks.tryFind('build:go')!, { args: ['rego-engine'] });
  project.addTask('upgrade:trivy', {
    description:
      'Pin another release of Trivy, record all reports with it, say what changed in findings, and hold it against the suites',
    exec: 'tsx test/reports/upgrade.ts',
    receiveArgs: true,
    env,
  });
  const honest = project.addTask('test:honest', {
    description:
      'Hold the accounting against images of real packages, made by their own tools: all of them, or those that are named. Needs root on Linux',
    exec:
      'command -v mmdebstrap > /dev/null || apt-get install --yes mmdebstrap; ' +
      'tsx test/normal-form/honest/nightly.ts',
    receiveArgs: true,
    env,
  });
  honest.prependSpawn(project.tasks.tryFind('build:go')!, { args: ['normal-form'] });
  const everything = project.tasks.tryFind('test:all')!;
  everything.spawn(suites);
  everything.exec('jest --ci test/normal-form', { env: { ...env, IMAGES: '2000' } });
  // cfn-lint, once for each region
  everything.exec('jest --ci test/aws-data/templates', { env: { ...env, REGIONS: 'all' } });
  // no test may depend on the day: what holds today must hold when the fixtures are a year old. One test is
  // there to fail on a day, before Lambda deprecates the runtime of the functions: it goes by today's date
  everything.exec(
    'command -v faketime > /dev/null || apt-get install --yes faketime; ' +
      "faketime '+400 days' jest --ci --maxWorkers=100% --runTestsByPath $(tsx test/support/unit-tests.ts --except test/core/runtime-lasts.test.ts)",
    { env },
  );
  const nightly = project.addTask('test:nightly', {
    description:
      'All tests, then what takes hours: other cases each night, 100,000 broken reports, 10,000 hostile images, images of the most used packages, and how long things take',
  });
  nightly.spawn(everything);
  // other cases each night, of the suites that generate theirs
  nightly.exec(
    'SEED=$(date +%Y%m%d) tsx test/conformance/nightly.ts references trivy-ignore dockerfiles-random',
    { env },
  );
  nightly.exec('jest --ci test/core/bad-input test/use-cases/evaluation/bad-input', {
    env: { FUZZ_RUNS: '100000' },
  });
  nightly.spawn(project.tasks.tryFind('cost:measure')!);
  nightly.spawn(project.tasks.tryFind('bench')!);
  // managers whose packages are made on a machine that has them
  nightly.exec(
    'command -v gem > /dev/null && command -v composer > /dev/null || apt-get install --yes ruby composer; ' +
      'command -v cargo-auditable > /dev/null || cargo install --quiet --locked cargo-auditable || true; ' +
      'SEED=$(date +%s)000 PATH="$HOME/.cargo/bin:$PATH" jest --ci test/normal-form',
    { env: { IMAGES: '10000' } },
  );
  // what Trivy orders by chance shows in many scans of one image
  nightly.exec('jest --ci test/cli/scan/accounted-for', { env: { TIMES: '30' } });
  nightly.spawn(honest);
  nightly.exec('jest --ci --runInBand --findRelatedTests test/support/soon.ts', { env: { CLOCK: 'exact' } });
}
