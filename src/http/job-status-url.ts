/** Where the state of a run is seen, as a reference that is relative to the site. */
export function jobStatusUrl(jobId: string): string {
  return `/.netlify/functions/sync-status?jobId=${jobId}`;
}
