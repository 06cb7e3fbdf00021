import { placeGoProduct } from './go-product';
import { NORMAL_FORM_FOLDER, NORMAL_FORM_PRODUCT } from './normal-form';

placeGoProduct(NORMAL_FORM_PRODUCT, NORMAL_FORM_FOLDER, line => process.stderr.write(`${line}\n`)).catch(
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
