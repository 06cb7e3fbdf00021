import { awscdk } from 'projen';

/** `npm run test:types` checks the types. */
const COMPILER = {
  swcrc: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'commonjs' },
};

/**
 * Jest runs CommonJS: an `import()` there is a `require`, and the `.js` that Node wants in its path is the
 * `.ts` that lies there. test/e2e/jest.config.json has the same.
 */
export function addJest(project: awscdk.AwsCdkConstructLibrary): void {
  project.deps.removeDependency('ts-jest');
  project.jest!.config.transform = { '^.+\\.tsx?$': ['@swc/jest', COMPILER] };
  project.jest!.config.moduleNameMapper = {
    '^(\\.{1,2}/.+)\\.js$': '$1',
    '^cdk-trusted-images$': '<rootDir>/src', // as the examples name it
  };
  project.jest!.config.modulePathIgnorePatterns = ['<rootDir>/dist/']; // a copy of package.json is there
  project.jest!.config.testTimeout = 60_000; // for what hangs: a busy machine must fail no test
  // the tests of what is published run the bundle
  project.jest!.config.globalSetup = '<rootDir>/test/support/fresh-command-line.ts';
}
