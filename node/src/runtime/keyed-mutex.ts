/** Runs tasks of one key one after another, and tasks of different keys side by side. */
export type KeyedMutex = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/** Creates a mutex without holders. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(task);
    // The next in line waits for the end, success or failure; the outcome is the caller's.
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
