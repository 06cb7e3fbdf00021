import type { Check } from './check';

/**
 * RUN with the rights of the machine that builds, or in its network: whatever the step runs can reach what
 * the build should not.
 */
export const privilegedBuild: Check = {
  rule: 'privileged-build',
  trivy: [],
  issues: ({ reading: { runs } }) => [
    ...runs
      .filter(({ insecure }) => insecure)
      .map(({ line }) => ({
        line,
        message: 'RUN --security=insecure runs privileged: it can take over the machine that builds',
        remedy: 'leave out the flag; build what needs it elsewhere and COPY it',
      })),
    ...runs
      .filter(({ hostNetwork }) => hostNetwork)
      .map(({ line }) => ({
        line,
        message:
          'RUN --network=host runs in the network of the machine that builds, with its metadata service and its local ports',
        remedy: 'leave out the flag',
      })),
    ...runs
      .filter(({ device }) => device)
      .map(({ line }) => ({
        line,
        message: 'RUN --device reaches a device of the machine that builds',
        remedy: 'leave out the flag; build what needs it elsewhere and COPY it',
      })),
  ],
};
