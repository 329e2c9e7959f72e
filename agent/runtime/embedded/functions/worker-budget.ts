/** A function's process, as far as it counts against the limits. */
export type Place = {
  ref: string;
  /** when it answered its last call; null while it starts or answers one */
  idleSince: number | null;
  /** Ends the process; resolves once it is gone. */
  giveUp(): Promise<void>;
};

/** How many function processes there may be, of one project and on the whole host. */
export type WorkerBudget = {
  /**
   * Counts one more process. When there is no room, the one that has been idle longest gives way, and the promise
   * resolves once it is gone; null when all are at work.
   */
  enter(place: Place): Promise<void> | null;
  leave(place: Place): void;
};

/** Shared by all projects of a host, so that no project's functions can take the whole of it. */
export function createWorkerBudget(limits: { perProject: number; perHost: number }): WorkerBudget {
  const places = new Set<Place>();
  return {
    enter(place) {
      const own = [...places].filter(({ ref }) => ref === place.ref);
      const crowd = own.length >= limits.perProject ? own : places.size >= limits.perHost ? [...places] : null;
      const leaving = crowd === null ? null : longestIdle(crowd);
      if (crowd !== null && leaving === null) return null;
      if (leaving !== null) places.delete(leaving);
      places.add(place);
      return leaving === null ? Promise.resolve() : leaving.giveUp();
    },
    leave(place) {
      places.delete(place);
    },
  };
}

function longestIdle(places: readonly Place[]): Place | null {
  const since = ({ idleSince }: Place) => idleSince ?? Number.POSITIVE_INFINITY;
  const [first] = places.filter(({ idleSince }) => idleSince !== null).sort((one, other) => since(one) - since(other));
  return first ?? null;
}
