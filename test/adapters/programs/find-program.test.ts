import { findProgram, type Machine } from '../../../adapters/programs/find-program';

const there =
  (...paths: readonly string[]): Machine['isProgram'] =>
  path =>
    paths.includes(path);

describe('on Windows', () => {
  const machine = (...paths: readonly string[]): Machine => ({
    platform: 'win32',
    cwd: 'C:\\work\\app',
    isProgram: there(...paths),
  });
  const PATHEXT = '.COM;.EXE;.BAT;.CMD;.JS';

  test('what lies in the working folder is not run, by whatever entry of PATH', () => {
    const PATH =
      ';.;bin;..\\app;C:\\work\\app;c:/WORK/app/;C:\\work\\lib\\..\\app;\\work\\app;C:app;"C:\\work\\app"';
    const inFolder = [
      'C:\\work\\app\\docker.exe',
      'docker.exe',
      'bin\\docker.exe',
      '\\work\\app\\docker.exe',
      'C:app\\docker.exe',
      '..\\app\\docker.exe',
    ];
    const isProgram = (path: string) => /docker\.exe$/i.test(path);
    expect(inFolder.every(isProgram)).toBe(true);
    expect(findProgram('docker', { PATH, PATHEXT }, { ...machine(), isProgram })).toBeUndefined();
  });

  test('the first whole folder of PATH that has it', () => {
    const PATH = 'relative;C:\\tools;"C:\\Program Files\\Docker";D:\\more';
    expect(
      findProgram(
        'docker',
        { PATH, PATHEXT },
        machine('C:\\Program Files\\Docker\\docker.exe', 'D:\\more\\docker.exe'),
      ),
    ).toBe('C:\\Program Files\\Docker\\docker.exe');
  });

  test.each([
    ['Path', { Path: 'C:\\tools', PathExt: PATHEXT }],
    ['PATH', { PATH: 'C:\\tools' }],
    ['path', { path: 'C:\\tools', PATHEXT: '.exe' }],
  ])('%s is read in every spelling', (_, environment) => {
    expect(findProgram('trivy', environment, machine('C:\\tools\\trivy.exe'))).toBe('C:\\tools\\trivy.exe');
  });

  test('extensions are tried in the order of PATHEXT', () => {
    const both = machine('C:\\tools\\trivy.exe', 'C:\\tools\\trivy.com');
    expect(findProgram('trivy', { PATH: 'C:\\tools', PATHEXT }, both)).toBe('C:\\tools\\trivy.com');
    expect(findProgram('trivy', { PATH: 'C:\\tools', PATHEXT: '.EXE;.COM' }, both)).toBe(
      'C:\\tools\\trivy.exe',
    );
  });

  test.each(['trivy.cmd', 'trivy.bat', 'trivy', 'trivy.js'])(
    '%s would need a shell, which reads arguments as commands',
    file => {
      expect(
        findProgram('trivy', { PATH: 'C:\\tools', PATHEXT }, machine(`C:\\tools\\${file}`)),
      ).toBeUndefined();
    },
  );

  test('a name with its extension is taken as it is', () => {
    expect(findProgram('trivy.EXE', { PATH: 'C:\\tools', PATHEXT }, machine('C:\\tools\\trivy.EXE'))).toBe(
      'C:\\tools\\trivy.EXE',
    );
  });

  test('a folder of a server is whole', () => {
    expect(findProgram('trivy', { PATH: '\\\\server\\tools' }, machine('\\\\server\\tools\\trivy.exe'))).toBe(
      '\\\\server\\tools\\trivy.exe',
    );
  });
});

describe('elsewhere', () => {
  const machine = (...paths: readonly string[]): Machine => ({
    platform: 'linux',
    cwd: '/work/app',
    isProgram: there(...paths),
  });

  test('what lies in the working folder is not run, by whatever entry of PATH', () => {
    const PATH = ':.:bin:./bin:/work/app:/work/app/:/work/lib/../app:';
    expect(
      findProgram('docker', { PATH }, { ...machine(), isProgram: path => path.endsWith('docker') }),
    ).toBeUndefined();
  });

  test('the first folder of PATH that has it, by its whole name', () => {
    expect(
      findProgram(
        'docker',
        { PATH: '/opt:/usr/bin:/bin', PATHEXT: '.exe' },
        machine('/usr/bin/docker', '/bin/docker', '/opt/docker.exe'),
      ),
    ).toBe('/usr/bin/docker');
  });

  test.each([[{}], [{ PATH: '' }], [{ Path: '/usr/bin' }]])('no PATH, no program: %j', environment => {
    expect(findProgram('docker', environment, machine('/usr/bin/docker'))).toBeUndefined();
  });
});

test('a folder of that name is no program', () => {
  expect(findProgram('bin', { PATH: '/usr' })).toBeUndefined();
});
