/**
 * The CDK context that names another machine. The embedded cloud runs builds on its own machine, whatever the
 * project says, so on Arm it deploys with this.
 */
export const EMULATED_MACHINE = 'cdk-trusted-images:emulatedMachine';
