/** CloudFormation shows an error with its stack trace, and drops what has more than 4096 bytes: people get the message, and nothing else. */
export async function failBriefly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) error.stack = error.name; // the first line is left out by who reports it
    throw error;
  }
}
