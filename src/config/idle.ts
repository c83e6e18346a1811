/** What the platform tells a function of its deploy (`context.deploy`). */
export interface DeployFacts {
  /** `production`, `deploy-preview`, `branch-deploy`, `dev` … */
  readonly context?: string;
  /** Whether it is the one that the site's main address shows. */
  readonly published?: boolean;
}

interface IdleSettings {
  readonly local: boolean;
  /** `WORK_ON_PREVIEWS`. */
  readonly workOnPreviews: boolean;
}

/**
 * Why scheduled work and workers do nothing on this deploy; undefined if they work. Previews and
 * branch deploys have the environment of the published deploy, so they would do its work with code that
 * nobody has released. Outside the platform nothing is known, and they work.
 */
export function whyIdle(
  deploy: DeployFacts | undefined,
  { local, workOnPreviews }: IdleSettings,
): string | undefined {
  if (local || workOnPreviews || deploy?.context === 'dev') return undefined;
  if (deploy?.published !== false) return undefined;
  const kind = /^[\w-]{1,40}$/.exec(deploy.context ?? '')?.[0] ?? 'unknown context';
  return `this deploy (${kind}) is not the published one, and WORK_ON_PREVIEWS is not set`;
}
