/**
 * What is asked, or what stands for it when the time is over. Who waits for an answer gets one, also if a
 * service hangs.
 *
 * @param over resolves when the time is over
 * @param late may throw
 */
export async function inTime<T, L>(asked: Promise<T>, over: Promise<void>, late: () => L): Promise<T | L> {
  return Promise.race([asked, over.then(late)]);
}
