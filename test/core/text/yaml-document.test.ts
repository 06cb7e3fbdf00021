import { Lexer } from 'yaml';
import { readYaml } from '../../../src/core/text/yaml-document';
import { entry } from '../waivers/made';

afterEach(() => jest.restoreAllMocks());

/** How many marks and values the lexer hands out: the longest part of reading a file of waivers. */
function lexed(text: string): number {
  const lex = Lexer.prototype.lex;
  let count = 0;
  jest.spyOn(Lexer.prototype, 'lex').mockImplementation(function* (this: Lexer, source, incomplete) {
    for (const lexeme of lex.call(this, source, incomplete)) {
      count += 1;
      yield lexeme;
    }
  });
  readYaml(text, 'waivers.yaml', 2_000_000);
  return count;
}

test('a text is cut into tokens once', () => {
  const text = JSON.stringify({ waivers: Array.from({ length: 100 }, () => entry()) });
  const once = [...new Lexer().lex(text)].length;
  expect(lexed(text)).toBe(once);
});

test('what is refused is cut no further', () => {
  expect(lexed(`${'['.repeat(17)}${'a, '.repeat(1000)}`)).toBeLessThan(50);
});
