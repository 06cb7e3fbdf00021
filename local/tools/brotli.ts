import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

/** Quality 11 takes minutes for a seventh less. */
export const BROTLI = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 };

/** As programs in WebAssembly are packed. Other builds go on meanwhile. */
export function compressed(bytes: Buffer): Promise<Buffer> {
  return promisify(brotliCompress)(bytes, {
    params: { ...BROTLI, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}
