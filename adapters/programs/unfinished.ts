const unfinished = new Set<() => void>();

/**
 * What has to be undone where the command is ended before it has: a program that runs, a folder that is in
 * use. Says when it has.
 */
export function undoneAtEnd(undo: () => void): () => void {
  unfinished.add(undo);
  return () => {
    unfinished.delete(undo);
  };
}

/** The last one first: a program ends before its folder goes. */
export function undoAll(): void {
  for (const undo of [...unfinished].reverse()) {
    try {
      undo();
    } catch {
      /* the others all the same */
    }
  }
  unfinished.clear();
}
