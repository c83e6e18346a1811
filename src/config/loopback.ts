/**
 * Whether a host name (as `URL.hostname` gives it) is this machine, so that nothing sent
 * to it crosses a network.
 */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(host)
  );
}
