/** Events from several sources, taken one by one in the order in which they came. */
export interface EventQueue<T> {
  push(event: T): void;
  next(): Promise<T>;
}

export function eventQueue<T>(): EventQueue<T> {
  const events: T[] = [];
  let waiting: ((event: T) => void) | undefined;
  return {
    push(event) {
      const resolve = waiting;
      waiting = undefined;
      if (resolve === undefined) events.push(event);
      else resolve(event);
    },
    next() {
      const [event] = events.splice(0, 1);
      if (event !== undefined) return Promise.resolve(event);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
  };
}
