/**
 * One name for each image of an index. Two may say that they are for one platform: by their order, so that
 * names are the same from build to build.
 */
export function platformNames(platforms: readonly string[]): string[] {
  const taken = new Set<string>();
  return platforms.map(platform => {
    let name = platform;
    for (let nth = 2; taken.has(inFileNames(name).toLowerCase()); nth += 1) name = `${platform}/${nth}`;
    taken.add(inFileNames(name).toLowerCase()); // file systems that know no capitals hold it too
    return name;
  });
}

export function inFileNames(name: string): string {
  return name.replace(/[^\w.-]+/g, '-');
}
