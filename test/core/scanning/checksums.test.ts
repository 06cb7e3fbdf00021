import { readChecksums } from '../../../src/core/scanning/provenance';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

describe('SHA256SUMS', () => {
  test('as sha256sum writes it, in text and in binary mode', () => {
    expect(readChecksums(`${A}  report.json.gz\n${B} *run.json\n`)).toEqual({
      ok: true,
      value: new Map([
        ['report.json.gz', A],
        ['run.json', B],
      ]),
    });
  });

  test('nothing is nothing', () => {
    expect(readChecksums('')).toEqual({ ok: true, value: new Map() });
  });

  test.each([
    ['a file twice', `${A}  run.json\n${B}  run.json\n`],
    ['the same line twice', `${A}  run.json\n${A}  run.json\n`],
    ['a path', `${A}  ../run.json\n`],
    ['a folder', `${A}  out/run.json\n`],
    ['capital letters', `${A.toUpperCase()}  run.json\n`],
    ['a short sum', `${A.slice(1)}  run.json\n`],
    ['no file', `${A}  \n`],
    ['one space', `${A} run.json\n`],
    ['a carriage return', `${A}  run.json\r\n`],
    ['an escaped name', `\\${A}  a\\nb\n`],
    ['something else', 'sha256sum: run.json: No such file or directory\n'],
  ])('with %s it is refused', (_, text) => {
    expect(readChecksums(text).ok).toBe(false);
  });
});
