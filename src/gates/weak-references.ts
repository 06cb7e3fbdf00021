import { CfnResource, CrossStackReferences, ReferenceStrength } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { OwnTrust } from './own-access';
import type { BreakGlass } from '../break-glass/break-glass';

/**
 * Gates of other stacks read what an option may take away from outputs of the trust, and do not import it:
 * CloudFormation would refuse that change, and the trust is deployed before them. The exports stay as long as
 * a gate names them, because stacks that an earlier version deployed import them. The register is always
 * there, and still imported: so the stack of the trust is not deleted while gates ask it (0052).
 *
 * @internal
 */
export function readByOutputs(trust: OwnTrust, breakGlass: BreakGlass | undefined): void {
  const { policies, scanner, evidence, alerts } = trust;
  const shared: (IConstruct | undefined)[] = [
    policies.table,
    scanner.requests,
    evidence.bucket,
    ...alerts.topics.flatMap(topic => [topic, topic.masterKey]),
    breakGlass?.table,
    breakGlass?._messages,
  ];
  for (const each of shared) {
    // what this app does not make, it has no reference to
    if (each !== undefined && CfnResource.isCfnResource(each.node.defaultChild ?? each)) {
      CrossStackReferences.of(each).produce(ReferenceStrength.BOTH);
    }
  }
}
