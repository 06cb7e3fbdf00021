/** OPA's own cases that end differently here, and why they should. */
export const KNOWN_MISSES: ReadonlyMap<string, string> = new Map(
  ['v0', 'v1'].flatMap(version => [
    [
      `${version} baseandvirtualdocs/base/virtual: conflicts`,
      'data that takes the place of a rule is refused at compile time, before it could conflict with a report',
    ],
    [
      `${version} net.lookup_ip_addr/localhost`,
      'there is no network in the sandbox, hence no name to look up',
    ],
    [`${version} time/time caching`, "it calls `test.sleep`, which only OPA's own test program has"],
  ]),
);
