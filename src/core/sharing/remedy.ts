/**
 * What the team of a gate can do if the trust of another app does not answer it.
 *
 * @param owner `<account>.<region>` of the trust
 * @param account of the gate
 */
export function accessRemedy(owner: string, account: string): string {
  const [owning] = owner.split('.');
  if (owning === account) {
    return `try again; then see whether the trust in ${owner} is still deployed; if it was replaced, import it under another id`;
  }
  return `try again; then ask the team of the trust in ${owner} to list this account, importers: [Importer.account('${account}')], and see whether the trust is still the one that was imported`;
}
