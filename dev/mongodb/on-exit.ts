const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

const actions = new Set<() => void>();
let installed = false;

function runAll(): void {
  for (const action of actions) action();
  actions.clear();
}

function install(): void {
  if (installed) return;
  installed = true;
  process.on('exit', runAll);
  for (const [signal, status] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      // Who else listens ends the process in a way of its own, and 'exit' still comes.
      if (process.listenerCount(signal) === 1) process.exit(status);
    });
  }
}

/** Runs `action` (synchronous) when this process ends; returns how to take that back. */
export function onExit(action: () => void): () => void {
  install();
  actions.add(action);
  return () => actions.delete(action);
}
