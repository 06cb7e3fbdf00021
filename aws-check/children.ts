/**
 * Options for a Node process that has to end when this one ends, however that ends: what goes on alone would
 * meet the next try half-way.
 */
export function tiedTo(pid: number): Record<string, string> {
  // no blank in it: Node reads its options word by word
  const watch = `setInterval(()=>{try{process.kill(${pid},0)}catch{process.exit(1)}},1000).unref()`;
  return {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(watch)}`,
    NODE_NO_WARNINGS: '1',
  };
}
