/** Create a function that runs tasks of one key one after another, and tasks of different keys side by side. */
export function createTurns(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(task);
    // The next in line waits for the end, whichever it is; the outcome is the caller's.
    const ended = turn.then(
      () => undefined,
      () => undefined,
    );
    last.set(key, ended);
    ended.then(() => {
      if (last.get(key) === ended) last.delete(key);
    });
    return turn;
  };
}
