export interface Images {
  /** With its digest, as the build stage's. */
  readonly runImage: string;
  readonly buildImage: string;
  /** The day on which the digests were named. */
  readonly date: string;
}

/** A Dockerfile to start from. Its images are tags: their digests are asked for when it is written. */
export interface Template {
  readonly base: string;
  readonly buildBase: string;
  readonly render: (images: Images) => string;
  /** What it takes for granted. */
  readonly next: readonly string[];
}

export const header = (
  { date }: Images,
  language: string,
) => `# Written by "trusted-images init dockerfile --language ${language}" on ${date}, with the digests of that day.
# Check it with "trusted-images scan --dockerfile Dockerfile".
`;
