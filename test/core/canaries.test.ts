import { evaluateRecorded, IMAGE, summary, verdictOf } from './support/made';
import { form, recorded, REFERENCE, report } from './support/reports';
import { CANARIES } from '../../local/images/zoo/canaries';
import { alertMessage } from '../../src/core/alerts/image-message';
import { asChat, asText } from '../../src/core/alerts/message';
import { verdictEvent } from '../../src/core/events/image-events';
import { findingChanges } from '../../src/core/findings/changes';
import { normalise } from '../../src/core/scanning/normalise';
import { toSarif } from '../../src/core/scanning/sarif';
import { reduceSbom } from '../../src/core/scanning/sbom';

const verdict = verdictOf(evaluateRecorded('canaries'));
const event = verdictEvent(verdict, {
  changed: true,
  evidence: { bucket: 'evidence', verdictKey: 'verdicts/1.json' },
});
const message = alertMessage(event)!;
const sbom = reduceSbom(Buffer.from(recorded('canaries.cdx.json')), form('canaries'), REFERENCE);
const findings = normalise(report('canaries'));

/** Everything that is kept or told of an image. */
const KEPT: Record<string, unknown> = {
  'the report': report('canaries'),
  'the findings': findings,
  'the SARIF': toSarif(findings, { version: '0.74.0' }),
  'the SBOM': sbom,
  'the verdict': verdict,
  'the register': summary(verdict),
  'the findings table': findingChanges([], {
    image: IMAGE,
    findings,
    violating: new Set(verdict.violating),
    waived: new Map(),
    firstSeenAt: new Map(),
    scannedAt: verdict.scannedAt,
    verdictId: verdict.verdictId,
  }),
  'the event': event,
  'the e-mail': asText(message),
  'the chat message': asChat(message),
};

describe('a secret of an image leaves the scan in nothing that is kept (rule 5.5, untrusted text)', () => {
  test('all of them are in the image, and most of them in what Trivy wrote', () => {
    expect(Object.keys(CANARIES)).toHaveLength(12);
    const written =
      recorded('canaries.json') + recorded('canaries.cdx.json') + recorded('canaries.sarif.json');
    expect(Object.values(CANARIES).filter(canary => written.includes(canary)).length).toBeGreaterThanOrEqual(
      8,
    );
  });

  test.each(Object.keys(KEPT))('%s', place => {
    const text = typeof KEPT[place] === 'string' ? KEPT[place] : JSON.stringify(KEPT[place]);
    expect(
      Object.entries(CANARIES)
        .filter(([, canary]) => text.includes(canary))
        .map(([name]) => name),
    ).toEqual([]);
    expect(text.length).toBeGreaterThan(200);
  });
});
