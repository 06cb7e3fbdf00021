import { judgedIn } from '../../dockerfile/check-dockerfile';
import type { DockerfileFinding } from '../../dockerfile/checks/finding';
import { readDockerfile } from '../../dockerfile/reading/read-dockerfile';

const finding = (rule: string, line: number, message = ''): DockerfileFinding => ({
  rule,
  level: 'refused',
  line,
  message,
  remedy: '',
  by: 'trivy',
});
const of = (key: string, line = 2, where = 'ENV') =>
  finding('DS-0031', line, `Possible exposure of secret env "${key}" in ${where}`);
const judged = (text: string, asked: DockerfileFinding, target?: string) =>
  judgedIn(read(`FROM a AS one\n${text}\nFROM one\nUSER root\n`, target))(asked);
const read = (text: string, target?: string) => ({
  lines: text.split('\n'),
  reading: readDockerfile(text, target === undefined ? {} : { target }),
});

test.each([
  ['a file', 'ENV DB_PASSWORD_FILE=/run/secrets/db', of('DB_PASSWORD_FILE')],
  ['nothing', 'ENV STRIPE_KEY=', of('STRIPE_KEY')],
  ['a secret, which is told', 'ENV A=b \\\n DB_PASSWORD=c', of('DB_PASSWORD')],
  ['the old form', 'ENV SSH_AUTH_SOCK /a', of('SSH_AUTH_SOCK')],
  ['an ARG', 'ARG CACHE_KEY', of('CACHE_KEY', 2, 'ARG')],
])('ours has judged %s', (_, text, asked) => expect(judged(text, asked)).toBe(true));

test.each([
  ['a name of which ours knows nothing', 'ENV GPG_KEY=a', of('GPG_KEY')],
  ['an id that is as good as the secret', 'ENV VAULT_SECRET_ID=a', of('VAULT_SECRET_ID')],
  ['a second one', 'ENV GPG_KEY= GPG_KEY=a', of('GPG_KEY')],
  ['another variable', 'ENV A=b', of('C_TOKEN')],
  ['another line', 'ENV CACHE_KEY=a', of('CACHE_KEY', 3)],
  ['another instruction', 'ARG CACHE_KEY', of('CACHE_KEY')],
  ['quotes', 'ENV CACHE_K""EY=a', of('CACHE_KEY')],
])('ours has not judged %s', (_, text, asked) => expect(judged(text, asked)).toBe(false));

test.each([
  ['a file', 'Possible exposure of the copied secret env file "HF_TOKEN_PATH" in ENV'],
  ['a command', 'Possible exposure of secret in RUN'],
])('of %s it cannot say', (_, message) => {
  expect(judged('ENV HF_TOKEN_PATH=/a', finding('DS-0031', 2, message))).toBeUndefined();
});

test('the user of the stage that is built is judged, of one that is not there nobody is', () => {
  expect(
    ['one', '1', undefined, 'two'].map(target => judged('USER 1', finding('DS-0002', 5), target)),
  ).toEqual([true, true, true, false]);
  expect(judged('USER 1', finding('DS-0010', 2))).toBeUndefined();
});
