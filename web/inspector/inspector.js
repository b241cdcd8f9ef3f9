/** @param {Host} _host */
export function open(_host) {
  return { close() {} };
}
