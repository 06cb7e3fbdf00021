import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unsearchedLayers } from '../../../src/core/scanning/base-layers';

const layer = { created_by: 'COPY . .' };
const command = { created_by: 'CMD ["bash"]', empty_layer: true };
const classic = { created_by: '/bin/sh -c #(nop)  CMD ["bash"]', empty_layer: true };

function config(history: unknown, layers = 3): string {
  return JSON.stringify({ rootfs: { diff_ids: Array.from({ length: layers }, (_, index) => `sha256:${index}`) }, history });
}

test('an image whose secret Trivy did not find is told by its config', () => {
  const recorded = JSON.parse(readFileSync(join(__dirname, '../../reports/secret-behind-history.image.json'), 'utf8')) as { config: object };
  expect(unsearchedLayers(JSON.stringify(recorded.config))).toBe(1);
});

describe('rule 5.1: layers that Trivy searches for no secrets', () => {
  test.each<[string, unknown, number]>([
    ['an image from scratch with a CMD at its end', [layer, layer, layer, command], 0],
    ['a base image with a CMD', [layer, command, layer, layer, command], 1],
    ['the classic builder', [layer, layer, classic, layer, command], 2],
    ['a CMD that a pusher put in', [layer, layer, command, layer], 2],
    ['the last of several base images', [layer, command, layer, command, layer, command], 2],
    ['a CMD that claims to have a layer', [layer, { created_by: 'CMD ["bash"]' }, layer], 0],
    ['other instructions', [layer, { created_by: 'ENTRYPOINT ["x"]', empty_layer: true }, layer], 0],
    ['more layers in the history than there are', [layer, layer, layer, layer, command, layer], 0],
    ['no history', undefined, 0],
    ['an empty history', [], 0],
  ])('%s', (_what, history, expected) => {
    expect(unsearchedLayers(config(history))).toBe(expected);
  });
});
