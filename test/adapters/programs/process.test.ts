import { tmpdir } from 'node:os';
import { runProcess } from '../../../adapters/programs/process';
import { readCoverage } from '../../../src/core/scanning/scan-outcome';

const AT = '2026-11-25T00:00:00Z';
const SYSTEM = `${AT}\tINFO\tDetected OS\tfamily="alpine" version="3.24.0"\n`;
const DOUBT = `${AT}\tWARN\tThis OS version is not on the EOL list\tfamily="alpine" version="3.24"\n`;

/**
 * What is kept of a program that writes these texts to standard error, one write each, and waits between two.
 */
async function kept(...texts: readonly string[]): Promise<string> {
  const script = `
    const texts = JSON.parse(process.argv[1]).map(([text, times]) => text.repeat(times));
    const next = () => { if (texts.length > 0) process.stderr.write(texts.shift(), () => setTimeout(next, 30)); };
    next();`;
  const given = JSON.stringify(
    texts.map(text => (text.length > 1000 && new Set(text).size === 1 ? [text[0], text.length] : [text, 1])),
  );
  const { code, stderr } = await runProcess(process.execPath, ['-e', script, given], {
    cwd: tmpdir(),
    environment: {},
    seconds: 60,
  });
  expect(code).toBe(0);
  return stderr;
}

const FLOOD = 'x'.repeat(2_000_000);

describe('rule 5.1, hermetic scan: what Trivy says of the release is not pushed out of what is kept', () => {
  const names = [1, 2, 3, 4, 5]
    .map(
      at =>
        `${AT}\tWARN\t[secret] The size of the scanned file is too large.\tfile_path="srv/EOL list ${at}.txt Detected OS"\n`,
    )
    .join('');

  test.each([
    ['by names that look like it, and a flood', [names, SYSTEM, DOUBT, FLOOD]],
    [
      'by a line that comes in two pieces',
      [FLOOD, `\n${SYSTEM}`, DOUBT.slice(0, 40), DOUBT.slice(40), FLOOD],
    ],
    ['by attributes that are longer than what is kept', [SYSTEM, DOUBT.trimEnd(), FLOOD, '\n', FLOOD]],
    ['where it is the end', [FLOOD, `\n${SYSTEM}${DOUBT.trimEnd()}`]],
    [
      'by forged lines of the same words',
      [names, Array.from({ length: 50 }, () => SYSTEM).join(''), DOUBT, FLOOD],
    ],
  ])('%s', async (_, texts) => {
    const stderr = await kept(...texts);
    expect(stderr.length).toBeLessThan(1_100_000);
    expect(readCoverage(stderr)).toEqual({ unknownRelease: true });
  });

  test('and a release that is known is known, behind a flood too', async () => {
    expect(readCoverage(await kept(names, SYSTEM, FLOOD))).toEqual({ unknownRelease: false });
  });

  test('a short text is kept as it is', async () => {
    expect(await kept(SYSTEM, DOUBT)).toBe(SYSTEM + DOUBT);
  });
});
