/** As the runners of CI systems find a command: GitHub, Azure, TeamCity, GitLab and Buildkite. */
export const COMMAND = /##\w*\[|section_(?:start|end):\d|^\s*::|^\s*(?:---|\+\+\+|~~~|\^\^\^) /;

/** As GFM, Slack, mail clients and terminals make a link. */
export const LINK = /[a-z0-9]:\/\/|\]\(|(?:^|[\s*_~(<"'])www\.[\w-]+\./i;

/** Without the addresses that this library writes itself. */
export function foreign(text: string): string {
  return text.replace(/\bs3:\/\//g, '');
}
