import { currentPins, PINNED_IN, publishedIn, repinned, textOf } from './trivy-pins';
import { SUPPORTED_TRIVY } from '../../adapters/programs/trivy-environment';

const now = currentPins();
const NEXT = { version: '9.8.7', archive: 'e'.repeat(64), image: `sha256:${'f'.repeat(64)}` };

test.each(PINNED_IN)('an upgrade of Trivy changes %s, and nothing of the old release stays', file => {
  const text = repinned(textOf(file), now, NEXT);
  expect(text).not.toBe(textOf(file));
  for (const old of [`v${now.version}`, `Trivy ${now.version}`, now.archive, now.image]) {
    expect(text).not.toContain(old);
  }
  expect(repinned(text, NEXT, now)).toBe(textOf(file));
});

test('the release that is tested with is one that is supported, whose oldest an upgrade leaves alone', () => {
  expect(now.version.localeCompare(SUPPORTED_TRIVY.from, 'en', { numeric: true })).toBeGreaterThanOrEqual(0);
  const text = `older than ${SUPPORTED_TRIVY.from}`;
  expect(repinned(text, now, NEXT)).toBe(text);
});

test('the image is asked for where it is pinned from', () => {
  const { host, path } = publishedIn();
  const text = textOf('src/scanning/scanner-image.ts');
  expect(text).toContain(`'${now.image}'`);
  expect(text).toContain(`\`${host}/${path}@`);
});
