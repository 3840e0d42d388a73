// Misbehaviour on request: answers an inbox (or any other path) gives instead
// of its own, a number of times or until further notice.
let faults = [];

/**
 * {path, method, status, times, retryAfter, hang, body, unless}; path "*" means every
 * path, unless names a header: requests that have it are answered as usual. from is
 * the host of those whose signed requests it is for; without it, it is for everybody.
 */
export function add(fault) {
  faults.push({ times: Infinity, method: "POST", ...fault });
}

export function clear() {
  faults = [];
}

/** The fault to answer this request with, or undefined. */
export function take(method, path, headers) {
  const signed = `${headers["signature"]} ${headers["signature-input"]}`;
  const fault = faults.find((f) => f.method === method && (f.path === "*" || f.path === path) && headers[f.unless] === undefined
    && (f.from === undefined || signed.includes(`https://${f.from}/`)));
  if (fault && --fault.times <= 0) faults = faults.filter((f) => f !== fault);
  return fault;
}
