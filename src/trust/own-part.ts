/**
 * What is allowed where a construct takes a part of a trust of its own app. An imported trust has none.
 *
 * @param kind with its article: `a TrustRegister`
 * @param part the property of `ImageTrust`
 * @param construct the construct that takes it
 * @internal
 */
export function ownPart(kind: string, part: string, construct: string): string {
  return `${kind}: "${part}" of an ImageTrust of this app, or made by hand; an imported trust has no such part, so make the ${construct} in the app that has the trust`;
}
