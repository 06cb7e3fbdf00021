/** Where the files of a version can be read: registries show a page without the others. */
export interface Origin {
  /** Of the repository, for example `https://github.com/example/name`. */
  readonly repository: string;
  readonly version: string;
}

const LINK = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\((?!https?:|mailto:|#)([^)\s]+)\)/g;

/** A page of the root with links that lead somewhere from everywhere. Blocks of code stay as they are. */
export function withAbsoluteLinks(markdown: string, { repository, version }: Origin): string {
  const raw = repository.replace('https://github.com/', 'https://raw.githubusercontent.com/');
  return markdown
    .split(/(^```[^]*?^```$)/m)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part.replace(LINK, (_, picture: string, text: string, target: string) =>
            picture === ''
              ? `[${text}](${repository}/blob/v${version}/${target})`
              : `![${text}](${raw}/v${version}/${target})`,
          ),
    )
    .join('');
}
