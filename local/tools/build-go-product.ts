import { DOCKERFILE_READER_FOLDER, DOCKERFILE_READER_PRODUCT } from './dockerfile-reader';
import { placeGoProduct } from './go-product';
import { NORMAL_FORM_FOLDER, NORMAL_FORM_PRODUCT } from './normal-form';
import { REGO_ENGINE_FOLDER, REGO_ENGINE_PRODUCT } from './rego-engine';

const PRODUCTS = [
  { product: NORMAL_FORM_PRODUCT, folder: NORMAL_FORM_FOLDER },
  { product: REGO_ENGINE_PRODUCT, folder: REGO_ENGINE_FOLDER },
  { product: DOCKERFILE_READER_PRODUCT, folder: DOCKERFILE_READER_FOLDER },
];

async function main(name: string | undefined): Promise<void> {
  const found = PRODUCTS.find(({ product }) => product.name === name);
  const names = PRODUCTS.map(({ product }) => product.name).join(', ');
  if (found === undefined) throw new Error(`the program is ${String(name)}, allowed: ${names}`);
  await placeGoProduct(found.product, found.folder, line => process.stderr.write(`${line}\n`));
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
