import { Registry } from '../../../adapters/registry/registry';
import { readImageReference } from '../../../src/core/image/image-reference';

afterEach(() => jest.restoreAllMocks());

/** Docker Hub itself is out of reach of tests, so this looks at what would be asked. */
async function askedFor(text: string): Promise<unknown> {
  const fetched = jest.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('{}'));
  const read = readImageReference(text);
  if (!read.ok) throw new Error(read.error);
  await new Registry(read.value, { DOCKER_CONFIG: '/nowhere' }).manifest(read.value.tag ?? 'latest', 1000);
  return fetched.mock.lastCall?.[0];
}

describe('distribution/reference: an image of Docker Hub is one image, whichever way its name is written', () => {
  test.each(['debian:12', 'library/debian:12', 'docker.io/debian:12', 'index.docker.io/debian:12'])(
    '%s',
    async text => {
      expect(await askedFor(text)).toBe('https://registry-1.docker.io/v2/library/debian/manifests/12');
    },
  );

  test.each(['grafana/grafana', 'docker.io/grafana/grafana', 'index.docker.io/grafana/grafana'])(
    '%s has a user of its own',
    async text => {
      expect(await askedFor(text)).toBe('https://registry-1.docker.io/v2/grafana/grafana/manifests/latest');
    },
  );

  test.each([
    ['docker.io.example/debian', 'https://docker.io.example/v2/debian/manifests/latest'],
    ['DOCKER.IO/debian', 'https://DOCKER.IO/v2/debian/manifests/latest'],
    ['[2001:db8::1]:5000/debian', 'https://[2001:db8::1]:5000/v2/debian/manifests/latest'],
  ])('%s is in another registry', async (text, url) => {
    expect(await askedFor(text)).toBe(url);
  });
});
