// Everything this server was asked, in the order it was answered. Readers ask
// for what came after a number they know and may wait for it.
const entries = [];
let waiters = [];

/** Adds an entry and wakes those who wait; returns its number. */
export function record(entry) {
  entry.n = entries.length + 1;
  entries.push(entry);
  const woken = waiters;
  waiters = [];
  for (const wake of woken) wake();
  return entry.n;
}

/** Entries after number `n`; waits up to `ms` milliseconds for the first. */
export async function since(n, ms = 0) {
  if (entries.length <= n && ms > 0) {
    let timer;
    await new Promise((wake) => {
      waiters.push(wake);
      timer = setTimeout(wake, ms);
    });
    clearTimeout(timer);
  }
  return entries.slice(n);
}
