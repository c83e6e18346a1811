import { isIP } from 'node:net';

/** IPv6 addresses have eight groups; the first four name a network. */
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/**
 * The key under which a client is counted: its IPv4 address, in any notation, or the /64 of its
 * IPv6 address, since a client has all 2^64 addresses of it.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(-2);
  if (groups.slice(0, -3).every((group) => group === 0) && groups.at(-3) === 0xffff) {
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  }
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** Its parser writes an IPv6 address in one form only, without an IPv4 address at its end. */
function groupsOf(address: string): number[] {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = [], after = []] = text
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array<string>(GROUPS - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}
