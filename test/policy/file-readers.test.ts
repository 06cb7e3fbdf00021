import type * as library from '../../src';

test('an app that reads no file loads no YAML', () => {
  jest.isolateModules(() => {
    jest.doMock('yaml', () => {
      throw new Error('YAML was loaded');
    });
    const { ImagePolicy, PolicyFile, WaiverSource } = jest.requireActual<typeof library>('../../src');
    ImagePolicy.standard();
    WaiverSource.inBucket();
    expect(() => PolicyFile.load(__filename)).toThrow('YAML was loaded');
  });
});
