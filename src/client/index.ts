export { createClient } from './client.js';
export { ConnectionError, LoginPageError, SyncError } from './errors.js';
