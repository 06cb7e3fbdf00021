import { DOCKERFILE_READER_FOLDER, DOCKERFILE_READER_PRODUCT } from './dockerfile-reader';
import { placeGoProduct } from './go-product';
import { NORMAL_FORM_FOLDER, NORMAL_FORM_PRODUCT } from './normal-form';
import { REGO_ENGINE_FOLDER, REGO_ENGINE_PRODUCT } from './rego-engine';

const PRODUCTS = [
  { product: NORMAL_FORM_PRODUCT, folder: NORMAL_FORM_FOLDER },
  { product: REGO_ENGINE_PRODUCT, folder: REGO_ENGINE_FOLDER },
  { product: DOCKERFILE_READER_PRODUCT, folder: DOCKERFILE_READER_FOLDER },
];

/** Builds those that are named, or all of them at the same time. */
async function main(names: readonly string[]): Promise<void> {
  const known = PRODUCTS.map(({ product }) => product.name);
  const unknown = names.filter(name => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`no program ${unknown.join(', ')}, allowed: ${known.join(', ')}`);
  }
  const wanted = PRODUCTS.filter(({ product }) => names.length === 0 || names.includes(product.name));
  const built = await Promise.allSettled(
    wanted.map(({ product, folder }) =>
      placeGoProduct(product, folder, line => process.stderr.write(`${line}\n`)),
    ),
  );
  const failed = built.flatMap(each => (each.status === 'rejected' ? [String(each.reason)] : []));
  if (failed.length > 0) throw new Error(failed.join('\n'));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
