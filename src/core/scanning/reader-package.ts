/**
 * The package with the reader of images for one machine, as `process.platform` and `process.arch` name it.
 */
export const READER_PACKAGE = '@cdk-trusted-images/reader-';

export function readerFile(platform: string): string {
  return platform.startsWith('win32') ? 'normal-form.exe' : 'normal-form';
}
