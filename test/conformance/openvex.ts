import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from './suite';
import { fromOpenVex } from '../../src/core/waivers/open-vex';

const MODULE = 'go:github.com/openvex/go-vex';
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** Documents that the library of OpenVEX reads in its own tests. */
export const openvex: Suite = {
  name: 'openvex',
  about: 'OpenVEX documents, read as waivers',
  authority: "the documents in the tests of OpenVEX's Go library",
  packages: [MODULE],
  run: async folders => {
    const root = join(folders(MODULE), 'pkg');
    const documents = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter(file => file.includes('testdata') && file.endsWith('.json'))
      .map(name => ({ name, text: readFileSync(join(root, name), 'utf8') }))
      .filter(({ text }) => text.includes('openvex'));
    return {
      cases: documents.length,
      disagreements: documents.flatMap(({ name, text }) => {
        const read = fromOpenVex(text, name, {
          now: new Date('2026-11-25T02:00:00.000Z'),
          maxLifeDays: 36_500,
          registries: [],
          defaults: { digests: [DIGEST], owner: 'platform@example.com', reason: 'as the document says it' },
        });
        return read.ok ? [] : [{ name, said: read.error.map(({ message }) => message).join('; ') }];
      }),
    };
  },
};
