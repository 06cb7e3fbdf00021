/**
 * OPA's functions that no policy can name, since a verdict depends on nothing but the report, the policy and
 * its data; each with what it would do.
 */
const REMOVED = {
  'http.send': 'asks the network',
  'net.lookup_ip_addr': 'asks the network',
  'opa.runtime': 'shows the environment',
  'rego.parse_module':
    "brings the compiler into the evaluation, and with that a stranger's text into the compiler",
} as const;

export const REMOVED_FUNCTIONS: readonly string[] = Object.keys(REMOVED);
