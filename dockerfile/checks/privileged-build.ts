import { allInstructions, Check } from './check';
import { flag } from '../parse/instruction';

/**
 * RUN with the rights of the machine that builds, or in its network: whatever the step runs can reach what
 * the build should not.
 */
export const privilegedBuild: Check = {
  rule: 'privileged-build',
  trivy: [],
  issues: ({ file }) =>
    allInstructions(file)
      .filter(({ name }) => name === 'RUN')
      .flatMap(instruction => [
        ...(flag(instruction, 'security')?.toLowerCase() === 'insecure'
          ? [
              {
                line: instruction.source.line,
                message: 'RUN --security=insecure runs privileged: it can take over the machine that builds',
                remedy: 'leave out the flag; build what needs it elsewhere and COPY it',
              },
            ]
          : []),
        ...(flag(instruction, 'network')?.toLowerCase() === 'host'
          ? [
              {
                line: instruction.source.line,
                message:
                  'RUN --network=host runs in the network of the machine that builds, with its metadata service and its local ports',
                remedy: 'leave out the flag',
              },
            ]
          : []),
      ]),
};
