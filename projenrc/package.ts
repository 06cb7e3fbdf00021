import { awscdk } from 'projen';

/**
 * What is published is not the repository: `dist/package` is staged from it, and each language is packed from
 * there.
 */
export function addPackage(project: awscdk.AwsCdkConstructLibrary): void {
  const env = { NODE_NO_WARNINGS: '1' };
  const stage = project.addTask('package:stage', {
    description: 'Write what is published to dist/package, without what nobody needs',
    exec: 'tsx local/package/stage.ts',
    env,
  });
  const beside = project.addTask('package:beside', {
    description:
      'Pack what is a package of its own beside dist/js: the reader of Dockerfiles, and the reader of images for machines that no build runs on',
    exec: 'tsx local/package/beside.ts',
    env,
  });
  for (const language of ['js', 'python', 'java', 'dotnet', 'go']) {
    const task = project.tasks.tryFind(`package:${language}`)!;
    task.reset();
    task.spawn(stage);
    task.addSteps(
      { execArgs: ['jsii-pacmak', '-v', '--target', language, '--outdir', 'dist', 'dist/package'] },
      { exec: 'rm -rf dist/package' }, // else jsii-docgen takes its assembly for that of the repository
    );
  }
  project.tasks.tryFind('package:js')!.spawn(beside);
  // Linux on arm64 is the machine of no build: its command line gets a package of its own
  project.addPackageIgnore('/assets/normal-form/build/arm64/');
  // only `scan --dockerfile` and `init dockerfile` need it
  project.addPackageIgnore('/assets/buildkit/');
  project.package.addField('version', '0.1.0');
  // whoever uses only the command line does not install the CDK
  project.package.addField('peerDependenciesMeta', {
    'aws-cdk-lib': { optional: true },
    constructs: { optional: true },
  });
}
