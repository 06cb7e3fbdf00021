import { DescribeKeyCommand, NotFoundException, type KMSClient } from '@aws-sdk/client-kms';

/** Whether a key can be used; no state where there is none. */
export async function keyState(
  arn: string,
  client: KMSClient,
): Promise<{ state: string | undefined; deletionDate?: Date }> {
  try {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: arn }));
    return { state: KeyMetadata!.KeyState, deletionDate: KeyMetadata!.DeletionDate };
  } catch (error) {
    if (error instanceof NotFoundException) return { state: undefined };
    throw error;
  }
}
