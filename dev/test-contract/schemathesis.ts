import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const MISSING = `schemathesis 4 was not found. It needs Python 3.11 or later:

  python3 -m venv .venv && .venv/bin/pip install 'schemathesis>=4,<5'
  SCHEMATHESIS=.venv/bin/schemathesis npm run test:contract
`;

/** The program to call. @throws Error that says how to get it */
export function findSchemathesis(given: string | undefined): string {
  const program = given || 'schemathesis';
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (status !== 0 || !/version 4\./.test(stdout)) throw new Error(MISSING);
  return program;
}

interface Run {
  /** Of the document. */
  readonly schema: string;
  /** Of the API. */
  readonly url: string;
  readonly token: string;
  readonly config: string;
  /** For the config file. */
  readonly variables: Readonly<Record<string, string>>;
  /** Further arguments of the command line. */
  readonly others: readonly string[];
}

/** @returns the exit status: 0 if every check has passed */
export async function runSchemathesis(
  program: string,
  { schema, url, token, config, variables, others }: Run,
): Promise<number> {
  const header = `Authorization: Bearer ${token}`;
  const args = [
    '--config-file',
    config,
    'run',
    schema,
    '--url',
    url,
    '--header',
    header,
    ...others,
  ];
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...variables } });
  const [status] = await once(child, 'exit');
  return typeof status === 'number' ? status : 1;
}
