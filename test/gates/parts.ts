import type { Construct } from 'constructs';
import {
  EvidenceBucket,
  ImageAlerts,
  ImageScanner,
  ImageSigner,
  PolicyStore,
  RepositorySelector,
  TrustEvents,
  TrustRegister,
  type TrustParts,
} from '../../src';

/** Parts that somebody put together without ImageTrust. */
export function partsIn(scope: Construct): TrustParts {
  const repositories = [RepositorySelector.prefix('team/')];
  const events = new TrustEvents(scope, 'Events');
  const register = new TrustRegister(scope, 'Register');
  const evidence = new EvidenceBucket(scope, 'Evidence');
  const policies = new PolicyStore(scope, 'Policies');
  return {
    register,
    evidence,
    policies,
    scanner: new ImageScanner(scope, 'Scanner', { repositories, register, policies, evidence }),
    signer: new ImageSigner(scope, 'Signer', { repositories, register, evidence, events }),
    alerts: new ImageAlerts(scope, 'Alerts', { register, events }),
  };
}
