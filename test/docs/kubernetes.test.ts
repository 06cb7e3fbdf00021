import { blocksOf, page } from './markdown';
import { synthesise } from './run-block';
import { AdmissionPolicies } from '../../src';

const FILE = 'docs/kubernetes.md';
const text = page(FILE);
const blocks = blocksOf({ file: FILE, text })
  .filter(({ language }) => language === 'ts')
  .map(block => [`${FILE}:${block.line}`, block] as const);

test.each(blocks)('%s is synthesised', (_, block) => {
  const printed = jest.spyOn(console, 'log').mockImplementation();
  try {
    expect(synthesise(block)).toBeDefined();
    expect(printed).toHaveBeenCalledTimes(block.code.includes('console.log') ? 3 : 0);
  } finally {
    printed.mockRestore();
  }
});

test('every text that can be made is in the table', () => {
  const methods = Object.getOwnPropertyNames(AdmissionPolicies.prototype).filter(name =>
    /^(for|containers)/.test(name),
  );
  expect(methods.length).toBeGreaterThan(0);
  for (const name of methods) expect(text).toContain(`\`${name}()\``);
});
