// Runs one built function in a process of its own, as AWS Lambda does: imports the entry
// point from the unpacked archive (the working directory), calls its handler with the
// event on standard input, and writes the answer to descriptor 3 as JSON: what a function
// logs has the other two.
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const chunks = [];
let head = {};
const response = new Writable({
  write(chunk, _encoding, done) {
    chunks.push(chunk);
    done();
  },
});
const finished = new Promise((resolve) => response.once('finish', resolve));

// The part of Lambda's runtime that Netlify's bootstrap calls.
globalThis.awslambda = {
  streamifyResponse: (handler) => (event, context) => handler(event, response, context),
  HttpResponseStream: {
    from(stream, metadata) {
      head = metadata;
      return stream;
    },
  },
};

const event = JSON.parse(await text(process.stdin));
const { handler } = await import(pathToFileURL('___netlify-entry-point.mjs').href);
await handler(event, { awsRequestId: 'local', getRemainingTimeInMillis: () => 60_000 });
await finished;
const body = Buffer.concat(chunks).toString();
writeSync(3, JSON.stringify({ status: head.statusCode, body }));
// An open connection is no reason to wait: Lambda freezes the process now.
process.exit(0);
