import type { LocalBackend } from '../serve/index.js';

const OPEN = `
!! --open: requests are NOT authenticated. Every program on this machine can start syncs and change
!! configurations. The site listens on 127.0.0.1 alone, refuses other host names, and only pages
!! on this machine may call it (http://localhost:ANY_PORT). Never do this with a deployed site.
`;

/** What to do with the running parts. */
export function guide(backend: LocalBackend, { open }: { readonly open: boolean }): string {
  const { url, token, lake, mongodbUri } = backend;
  const header = open ? '' : ' -H "$auth"';
  const credentials = open
    ? 'none is asked for (--open)'
    : `${token} (of use on this machine only)`;
  return `${open ? OPEN : ''}
Site     ${url} (the console); functions under /.netlify/functions/ and /api/
Token    ${credentials}
MongoDB  ${mongodbUri}
Lake     ${lake.url}

Create the configurations, sync a table, look at its job:

  api=${url}/api${open ? '' : `\n  auth='Authorization: Bearer ${token}'`}
  json='Content-Type: application/json'
  curl -X POST "$api/init-sync-config"${header} -H "$json" -d '{}'
  curl -X POST "$api/sync-table"${header} -H "$json" -d '{"tableId": "taskdetail"}'
  curl "$api/sync-status?jobId=JOB_ID"${header}

Change rows in the lake, then sync again. Its clock shows the time of day:

  lake=${lake.url}/_control
  curl "$lake/edit" -d '["CSWMS_wmwhse_TASKDETAIL", {"STATUS": "0"}, {"STATUS": "9"}]'
  curl "$lake/delete" -d '["CSWMS_wmwhse_TASKDETAIL", {"TASKDETAILKEY": "0000000001"}]'

Or all operations at once: API_TOKEN=${token} \\
  npm run test-sync-api -- --url ${url}

Changes of the source take effect with the next call, those of netlify.toml and of variables with
the next start. Ctrl-C ends everything, the data included.
What the functions log:
`;
}
