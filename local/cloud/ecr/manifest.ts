/** What the gateway reads of an image manifest or an index. */
export interface Manifest {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config?: { readonly digest?: string; readonly mediaType?: string };
  readonly layers?: readonly { readonly digest?: string }[];
  readonly manifests?: readonly { readonly digest?: string }[];
  readonly subject?: { readonly digest?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export function parseManifest(text: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

export function artifactTypeOf(manifest: Manifest): string | undefined {
  return manifest.artifactType ?? manifest.config?.mediaType;
}

export function blobsOf(manifest: Manifest): string[] {
  return [manifest.config, ...(manifest.layers ?? [])].flatMap(blob => blob?.digest ?? []);
}
