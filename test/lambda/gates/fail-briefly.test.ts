import { failBriefly } from '../../../lambda/gates/fail-briefly';

class Refused extends Error {
  public override readonly name = 'Refused';
}

test('what is thrown has its message, and of its stack trace only the name', async () => {
  const error = new Refused('it does not pass policy\n- CVE-1');
  await expect(failBriefly(async () => { throw error; })).rejects.toBe(error);
  expect(error).toMatchObject({ message: 'it does not pass policy\n- CVE-1', stack: 'Refused' });
});

test('what is no error is thrown as it is', async () => {
  await expect(failBriefly(async () => { throw 'text'; })).rejects.toBe('text'); // eslint-disable-line @typescript-eslint/only-throw-error
});

test('what is answered is answered', async () => {
  expect(await failBriefly(async () => 1)).toBe(1);
});
