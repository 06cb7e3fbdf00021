import { CfnResource, CrossStackReferences, ReferenceStrength } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { HasBreakGlass, OwnTrust } from './own-access';

/**
 * Gates of other stacks read what an option may take away from outputs of the trust, and do not import it:
 * CloudFormation would refuse that change, and the trust is deployed before them. The exports stay as long as
 * a gate names them, because stacks that an earlier version deployed import them. The register is always
 * there, and still imported: so the stack of the trust is not deleted while gates ask it (0052).
 *
 * @internal
 */
export function readByOutputs(trust: OwnTrust, emergency: HasBreakGlass): void {
  const { policies, scanner, evidence, alerts } = trust;
  const topics = alerts.topics.flatMap(topic =>
    topic.masterKey === undefined ? [topic] : [topic, topic.masterKey],
  );
  [policies.table, scanner.requests, evidence.bucket, ...topics].forEach(byOutputs);
  emergency._whenBreakGlass(({ table, _messages }) => [table, _messages].forEach(byOutputs));
}

function byOutputs(resource: IConstruct): void {
  // what this app does not make, it has no reference to
  if (!CfnResource.isCfnResource(resource.node.defaultChild ?? resource)) return;
  CrossStackReferences.of(resource).produce(ReferenceStrength.BOTH);
}
