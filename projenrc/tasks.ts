import { awscdk } from 'projen';

/** What `npm run …` offers beside projen's own tasks. */
export function addTasks(project: awscdk.AwsCdkConstructLibrary): void {
  const bundle = project.preCompileTask;
  const rosetta = project.addTask('rosetta', {
    description: 'Compile the code blocks of README.md and of the API documentation',
    execArgs: ['jsii-rosetta', 'extract', '--strict'],
  });
  project.postCompileTask.spawn(rosetta);

  const everyJourney = project.addTask('test:e2e', {
    description: 'Drive the embedded cloud: all end-to-end tests, or those named',
    execArgs: [
      'jest',
      '--ci',
      '--config',
      'test/e2e/jest.config.json',
      '--json',
      '--outputFile=test-reports/e2e.json',
    ],
    env: { NODE_NO_WARNINGS: '1' },
    receiveArgs: true,
  });
  const journeys = project.addTask('test:journeys', {
    description:
      'Drive the embedded cloud: the end-to-end tests that every change waits for, then the benchmarks that need no cloud, each once',
    exec: 'tsx test/e2e/run-journeys.ts',
    env: { NODE_NO_WARNINGS: '1' },
  });
  journeys.exec('tsx bench/bench.ts --quick');
  project.addTask('test:unit', {
    description: 'Run the tests that need nothing built: neither Go nor the embedded cloud',
    exec: 'jest --ci --maxWorkers=100% --runTestsByPath $(tsx test/support/unit-tests.ts)',
    env: { NODE_NO_WARNINGS: '1' },
    receiveArgs: true,
  });
  // none of them waits for another
  const checks = project.addTask('test:static', {
    description: 'Compile, and check all that is checked without running it',
    execArgs: [
      'run-p',
      '--aggregate-output',
      project.compileTask.name,
      'eslint',
      'test:types',
      'test:format',
    ],
  });
  const code = project.addTask('test:code', {
    description:
      "All that needs no embedded cloud, of the compiled package: API.md, the documentation's blocks, unit and integration tests",
  });
  code.spawn(project.postCompileTask);
  for (const { execArgs, ...step } of project.testTask.steps) {
    // both cores, as far as the embedded cloud leaves them
    if (execArgs?.[0] === 'jest') {
      code.addSteps({ ...step, execArgs: ['nice', '-n', '10', ...execArgs, '--maxWorkers=100%'] });
    }
  }
  project.testTask.reset();
  const everything = project.addTask('test:all', {
    description: 'Run all tests: for whoever resolves an issue',
  });
  for (const [task, cloud] of [
    [project.testTask, journeys],
    [everything, everyJourney],
  ] as const) {
    task.spawn(bundle); // else they run on stale bundles
    task.spawn(checks); // both sides pack what is compiled
    // the cloud's side, which others wait for, has the first claim on both cores; both report what they found
    task.exec(`run-p --continue-on-error --print-label ${code.name} ${cloud.name}`);
  }

  for (const [name, file, description] of [
    [
      'demo',
      'local/demo.ts',
      'Deploy the quickstart to the embedded cloud, push images, follow each to its verdict',
    ],
    ['local:up', 'local/commands/up.ts', 'Start the embedded cloud'],
    ['local:deploy', 'local/commands/deploy.ts', 'Deploy the quickstart to the embedded cloud'],
    [
      'local:service',
      'local/commands/service.ts',
      'Deploy a service with an image of team/app, by its tag, if the image is trusted',
    ],
    [
      'docs:verify',
      'local/verify/matrix.ts',
      'Ask every verifier about every case, and write the table of docs/verify.md',
    ],
    [
      'docs:cost',
      '--tsconfig test/tsconfig.json test/docs/write-cost-page.ts',
      'Write the figures and the chart of docs/cost.md',
    ],
    [
      'docs:dashboard',
      '--tsconfig test/tsconfig.json test/docs/write-dashboard-picture.ts',
      'Draw docs/pictures/dashboard.svg from the definition of the dashboard',
    ],
    [
      'docs:deploy-policy',
      '--tsconfig test/tsconfig.json test/docs/write-deploy-policy.ts',
      'Write docs/deploy-policy.json from the templates of the quickstart',
    ],
    ['cost:measure', 'local/cost/measure.ts', 'Count what a scan and a renewal call, for docs/cost.md'],
    [
      'docs:report',
      '--tsconfig test/tsconfig.json test/docs/write-report-picture.ts',
      'Take the picture of docs/report.md in Chromium',
    ],
    ['docs:pictures', 'local/pictures/draw.ts', 'Draw docs/pictures/*.svg from the sources beside them'],
    ['local:env', 'local/commands/env.ts', 'Print exports for a shell'],
    ['local:repo', 'local/commands/repo.ts', 'Make a repository in the embedded cloud'],
    ['local:down', 'local/commands/down.ts', 'Stop the embedded cloud'],
    [
      'aws:check',
      'aws-check/main.ts',
      'Deploy the quickstart to an account on AWS, run its tests there, go through docs/not-run-on-aws.md, remove everything',
    ],
    ['bench', 'bench/bench.ts', 'Measure ratios, both sides of each in one run'],
  ]) {
    project.addTask(name, {
      description,
      exec: `tsx ${file}`,
      receiveArgs: true,
      env: { NODE_NO_WARNINGS: '1' },
    });
  }
  for (const name of [
    'demo',
    'local:deploy',
    'local:service',
    'docs:verify',
    'cost:measure',
    'aws:check',
    'bench',
  ]) {
    project.tasks.tryFind(name)!.prependSpawn(bundle);
  }

  project.gitignore.exclude(
    '/.jsii.tabl.json',
    '/aws-check.logs/',
    '/aws-check.state.json',
    '/bench/results.json',
    '/cdk.out/',
    'aws-check/**/cdk.out/',
    'examples/**/cdk.out/',
    'test/e2e/apps/**/cdk.out/',
  );
}
