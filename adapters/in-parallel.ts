/** Results in the order of what was asked, so many questions at once. */
export async function inParallel<T, R>(
  count: number,
  questions: readonly T[],
  ask: (question: T) => Promise<R>,
): Promise<R[]> {
  const answers = new Array<R>(questions.length);
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(count, questions.length) }, async () => {
      for (let index = next++; index < questions.length; index = next++) {
        answers[index] = await ask(questions[index]!);
      }
    }),
  );
  return answers;
}
