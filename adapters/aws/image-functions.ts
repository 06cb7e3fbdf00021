import { GetFunctionCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import type { NamedImage } from '../../src/core/running/sighting';

/** The functions of AWS Lambda that run an image. */
export class ImageFunctions {
  constructor(private readonly client = new LambdaClient({})) {}

  /** The image, with the digest that AWS Lambda runs. None for a zip. `undefined`: the function is gone. */
  public async images(FunctionName: string): Promise<readonly NamedImage[] | undefined> {
    try {
      const { Configuration, Code } = await this.client.send(new GetFunctionCommand({ FunctionName }));
      if (Configuration?.PackageType === 'Zip') return [];
      const reference = Code?.ImageUri ?? Code?.ResolvedImageUri;
      if (reference === undefined) {
        throw new Error(`AWS Lambda does not say which image the function ${FunctionName} runs`);
      }
      const digest = Code?.ResolvedImageUri?.split('@')[1];
      return [{ reference, ...(digest !== undefined && { digest }) }];
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }
}
