/** Runs the works of one project one after the other, those of different projects beside each other. */
type PerProject = <T>(ref: string, work: () => Promise<T>) => Promise<T>;

/** Work that fails does not keep the next one of its project from its turn. */
export function createPerProject(): PerProject {
  const last = new Map<string, Promise<unknown>>();
  return async (ref, work) => {
    const before = last.get(ref) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(ref, mine);
    try {
      return await mine;
    } finally {
      if (last.get(ref) === mine) last.delete(ref);
    }
  };
}
