import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { blocksOf, page, ROOT, rowsOf } from './markdown';
import { synthesise } from './run-block';
import { ExitCode } from '../../cli/shell/exit-code';
import { MINUTES, openTerminal, type Terminal } from '../cli/init/desk';
import { FILES, newFolder } from '../cli/init/generated';
import { runCli } from '../cli/run-cli';

const FILE = 'docs/command-line.md';
const text = page(FILE);
const blocks = blocksOf({ file: FILE, text });
const inLanguage = (wanted: string) =>
  blocks
    .filter(({ language }) => language === wanted)
    .map(block => [`${FILE}:${block.line}`, block] as const);
const [, policy] = inLanguage('yaml')[0]!;

let terminal: Terminal;
beforeAll(async () => {
  terminal = await openTerminal();
}, MINUTES);

test.each(inLanguage('sh'))(
  '%s runs as it stands there',
  async (_, { code: script }) => {
    const folder = newFolder({ 'trusted-images.yaml': policy.code });
    const { code, stderr } = await terminal.run(folder, script);
    expect([code, stderr.match(/^error.*/m)]).toEqual([0, null]);
    const written = [...script.matchAll(/(?:--sarif|--sbom|>) (\S+)/g)].map(([, file]) => file!);
    expect(written.filter(file => readFileSync(join(folder, file), 'utf8') === '')).toEqual([]);
  },
  MINUTES,
);

test.each(inLanguage('ts'))('%s is synthesised', (_, block) => {
  expect(synthesise(block)).toBeDefined();
});

test('every command has the flags that are shown', async () => {
  const commands = blocks.flatMap(({ code }) =>
    [...code.matchAll(/npx cdk-trusted-images (.*)/g)].map(([, line]) => line!),
  );
  expect(commands.length).toBeGreaterThan(10);
  for (const line of commands) {
    const [, name] = /^((?:init|waivers|break-glass|brake) \w+|\w+)/.exec(line)!;
    const help = await helpOf(name!.split(' '));
    expect(
      [...line.matchAll(/--[a-z-]+/g)].map(([flag]) => flag).filter(flag => !help.includes(flag)),
    ).toEqual([]);
  }
});

async function helpOf(command: readonly string[]): Promise<string> {
  const { code, out } = await runCli([...command, '--help']);
  expect(code).toBe(0);
  return out;
}

test('every exit code is explained', () => {
  expect([...rowsOf(text.split('## Pipelines')[0]!).keys()]).toEqual(Object.values(ExitCode).map(String));
});

test('every pipeline is listed with the file that it writes', () => {
  const rows = rowsOf(text.slice(text.indexOf('## Pipelines'), text.indexOf('## SARIF')));
  expect([...rows].map(([command, [file]]) => [command, /^`([^`]+)`/.exec(file!)![1]])).toEqual(
    Object.entries(FILES).map(([system, file]) => [`init ${system}`, file]),
  );
});

test('every line that does not work is one that is said', () => {
  const source = ['cli', 'use-cases', 'adapters', 'src/core/scanning', 'src/core/manifests']
    .flatMap(sources)
    .map(file => readFileSync(file, 'utf8'))
    .join('\n');
  const lines = [...rowsOf(text.slice(text.indexOf('## When it does not work'))).keys()];
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter(line => !source.includes(line))).toEqual([]);
});

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => /\.(?:ts|yml)$/.test(file))
    .map(file => join(ROOT, folder, file));
}

test('the policy on the page is one that changes another', () => {
  expect(parse(policy.code)).toMatchObject({ version: 1, policy: { extends: 'standard' } });
});
