/** Where the sources and pages of this library are. A test compares it with package.json. */
export const REPOSITORY_URL = 'https://github.com/example/cdk-trusted-images';
