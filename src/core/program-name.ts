/** The command line's name as it is installed: it is the package's own, so npx runs no other program. */
export const PROGRAM = 'cdk-trusted-images';
