// Evaluates expressions in CEL: a module of its own, because Jest loads no module that is only ESM.
// In: {"expressions": [...], "pod": {...}, "oldPod": {...}, "request": {...}, "images": {...}, "summaries": {"<image>": {...}}, "variables": [...]}
import { readFileSync } from 'node:fs';
import { Environment } from '@marcbachmann/cel-js';

const { expressions, pod, oldPod, request, images, summaries = {}, variables = [] } = JSON.parse(readFileSync(0, 'utf8'));

class Time {}
class Image {
  constructor(reference) {
    [, this.registry, this.repository] = /^([^/]+)\/([^:@]+)/.exec(reference);
  }
}

const environment = new Environment({ enableOptionalTypes: true, unlistedVariablesAreDyn: true })
  .registerType('Time', Time)
  .registerType('Image', Image)
  .registerFunction('Time.now(): google.protobuf.Timestamp', () => new Date())
  .registerFunction('image(string): Image', reference => new Image(reference))
  .registerFunction('Image.registry(): string', ({ registry }) => registry)
  .registerFunction('Image.repository(): string', ({ repository }) => repository)
  // as Kyverno: how many attestors signed, which the caller knows, and a payload only after that
  .registerFunction('verifyAttestationSignatures(string, string, list): int', (image, _attestation, attestors) =>
    BigInt(attestors.filter(key => key === summaries[image]?.key).length),
  )
  .registerFunction('extractPayload(string, string): dyn', image => summaries[image].statement);

const context = {
  time: new Time(),
  object: pod,
  oldObject: oldPod ?? null,
  request: request ?? null,
  images,
  attestations: { summary: 'summary' },
  attestors: { key0: 'key0', key1: 'key1' },
  variables: {},
};
for (const { name, expression } of variables) {
  context.variables[name] = environment.evaluate(expression, context);
}
process.stdout.write(
  JSON.stringify(
    expressions.map(expression => {
      try {
        return environment.evaluate(expression, context);
      } catch (error) {
        return String(error.message).split('\n')[0];
      }
    }),
  ),
);
