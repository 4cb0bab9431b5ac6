/* Locks that all tabs of the browser share (Web Locks). */

const held = new Set();
/* A browser that keeps nothing for the page has no locks either, or refuses them. */
const alone = (name, ...more) => more.pop()(!held.has(name) && held.add(name));

/* As navigator.locks.request(). */
export const lock = (...what) => navigator.locks?.request(...what).catch(() => alone(...what)) ?? alone(...what);
