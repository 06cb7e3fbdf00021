import { cosignTool, CosignVersion } from '../../../local/tools/cosign';
import { ensureTool } from '../../../local/tools/ensure-tool';
import { Machine } from '../../../local/tools/machine';
import { COSIGN_VERSIONS } from '../../../local/tools/versions';

const kept = (version: CosignVersion) => `/cache/tools/cosign-${version}/cosign`;

/** A machine with one cosign on PATH, and all others in the cache. */
function machine(onPath: CosignVersion): Machine {
  return {
    platform: 'linux-x64',
    cacheFolder: '/cache',
    find: () => '/usr/bin/cosign',
    exists: () => true,
    download: () => Promise.reject(new Error('no internet')),
    run: () => Promise.resolve({ code: 0, stdout: `GitVersion:    v${onPath}\n`, stderr: '' }),
  };
}

test('each version is a tool of its own: one may be on PATH, the other is kept beside it', async () => {
  const paths = COSIGN_VERSIONS.map(version =>
    ensureTool(cosignTool(version), () => undefined, machine('3.1.3')),
  );

  expect(await Promise.all(paths)).toEqual(['/usr/bin/cosign', kept('2.5.0')]);
});

test.each([
  ['3.1.3', 'github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3'],
  ['2.5.0', 'github.com/sigstore/cosign/v2/cmd/cosign@v2.5.0'],
] as const)('%s is built from the module of its major version, and knows which it is', (version, module) => {
  const { source } = cosignTool(version);

  expect(source.package).toBe(module);
  expect(source.flags.join(' ')).toContain(`version.gitVersion=v${version}`);
});
