import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { COMMIT, FILE, type Files, filesOf, PROGRAM } from './former-release';

const ROOT = resolve(__dirname, '../../..');
const APP = 'test/e2e/apps/gated-stacks';

/**
 * Synthesises `apps/gated-stacks` with the library as it was, and writes it down. The app must still be
 * understood by that library.
 */
function writeFormerRelease(): void {
  const checkout = mkdtempSync(join(tmpdir(), 'former-checkout-'));
  const run = (command: string, args: string[], options: { cwd: string; input?: Buffer; out?: string }) =>
    execFileSync(command, args, {
      cwd: options.cwd,
      input: options.input,
      stdio: ['pipe', 'pipe', 'inherit'],
      maxBuffer: 2 ** 30,
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        ...(options.out !== undefined && { CDK_OUTDIR: options.out }),
      },
    });
  try {
    const archive = run('git', ['archive', COMMIT], { cwd: ROOT });
    run('tar', ['-x'], { cwd: checkout, input: archive });
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
    cpSync(join(ROOT, APP), join(checkout, APP), { recursive: true });
    const program = join(checkout, 'assets/normal-form/build/amd64/normal-form');
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, PROGRAM);
    run('npx', ['projen', 'bundle:handlers'], { cwd: checkout });
    const out = join(checkout, 'out');
    run('node', ['--import', 'tsx', 'app.ts'], { cwd: join(checkout, APP), out });
    const text = Buffer.from(JSON.stringify(whatIsDeployed(filesOf(out))));
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24, // the functions have most of their code in common
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    };
    writeFileSync(FILE, brotliCompressSync(text, { params }));
  } finally {
    rmSync(checkout, { recursive: true });
  }
}

/** Without what describes the app, and the paths of this machine in it. */
function whatIsDeployed(files: Files): Files {
  const isDeployed = ([path]: [string, string]) => !/^tree\.json$|\.metadata\.json$|LICENSES/.test(path);
  const { artifacts, ...manifest } = JSON.parse(files['manifest.json']!) as {
    artifacts: Record<string, { additionalMetadataFile?: string; metadata?: unknown }>;
  };
  const { Tree: _, ...others } = artifacts;
  const plain = Object.entries(others).map(([id, artifact]) => {
    const { additionalMetadataFile: __, metadata: ___, ...rest } = artifact;
    return [id, rest] as const;
  });
  return {
    ...Object.fromEntries(Object.entries(files).filter(isDeployed)),
    'manifest.json': JSON.stringify({ ...manifest, artifacts: Object.fromEntries(plain) }),
  };
}

if (require.main === module) writeFormerRelease();
