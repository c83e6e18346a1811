import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { assertPortsFree } from '../../../dev/dev-command/ports.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A port that somebody listens on. */
async function taken(port = 0): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  closing.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const passed = (text: string) =>
  [...text.matchAll(/(--[a-z-]+) (\d+)/g)].map(([, flag, n]) => [flag, Number(n)] as const);
const refusal = (ports: { port: number; lakePort: number }) =>
  assertPortsFree(ports).then(
    () => '',
    (error: Error) => error.message,
  );

describe('npm run dev', () => {
  it('begins where its ports are free, and where any will do', async () => {
    expect(await refusal({ port: 0, lakePort: 0 })).toBe('');
  });

  it('says which port is in use and passes a free one', async () => {
    const port = await taken();
    const said = await refusal({ port, lakePort: 0 });
    expect(said).toContain(`Port ${port} (for the site) is in use`);
    const [[flag, other] = []] = passed(said);
    expect(flag).toBe('--port');
    expect(await refusal({ port: Number(other), lakePort: 0 })).toBe('');
  });

  it('passes no port that is in use as well, nor that of the other part', async () => {
    const lakePort = await taken();
    const port = await taken();
    const said = await refusal({ port, lakePort });
    const ports = passed(said).map(([, number]) => number);
    expect(new Set([...ports, port, lakePort]).size).toBe(4);
    expect(await refusal({ port: Number(ports[0]), lakePort: Number(ports[1]) })).toBe('');
  });

  it('passes 0 where there is no higher port', async () => {
    await taken(65_535);
    expect(passed(await refusal({ port: 65_535, lakePort: 0 }))).toEqual([['--port', 0]]);
  });

  it('needs two ports', async () => {
    expect(await refusal({ port: 4600, lakePort: 4600 })).toContain(
      '--port and --lake-port are both 4600',
    );
  });
});
