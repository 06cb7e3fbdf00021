import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '..', '..', 'docs', 'pictures');

/**
 * `npm run docs:pictures`: draws the SVG of every Graphviz source in docs/pictures beside it, or in the
 * folder that is given. It is Graphviz built to WebAssembly, so that the same source gives the same bytes
 * on every machine.
 */
async function main([folder = FOLDER]: readonly string[]): Promise<void> {
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz');
  const graphviz = await Graphviz.load();
  for (const file of readdirSync(FOLDER).filter(name => name.endsWith('.dot'))) {
    const svg = graphviz.dot(readFileSync(join(FOLDER, file), 'utf8'));
    writeFileSync(join(folder, file.replace(/dot$/, 'svg')), svg);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
