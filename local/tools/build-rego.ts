import { placeGoProduct } from './go-product';
import { REGO_ENGINE_FOLDER, REGO_ENGINE_PRODUCT } from './rego-engine';

placeGoProduct(REGO_ENGINE_PRODUCT, REGO_ENGINE_FOLDER, line => process.stderr.write(`${line}\n`)).catch(
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
