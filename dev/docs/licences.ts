import { z } from 'zod';

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      peer: z.boolean().optional(),
    }),
  ),
});

/**
 * The page of what a deploy installs besides our own code, with licences.
 * @param lock the text of package-lock.json
 * @throws Error for a package that names no licence
 */
export function licencesPage(lock: string): string {
  const { packages } = lockFile.parse(JSON.parse(lock));
  const installed = Object.entries(packages)
    .filter(([path, { dev, optional, peer }]) => path !== '' && !dev && !optional && !peer)
    .map(([path, { version, license }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      if (!license) throw new Error(`${name} names no licence.`);
      return { name, version, license };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const perLicence = new Map<string, number>();
  for (const { license } of installed) perLicence.set(license, (perLicence.get(license) ?? 0) + 1);
  const counts = [...perLicence].map(([license, count]) => `${count} ${license}`);
  const rows = installed.map(
    ({ name, version, license }) => `| ${name} | ${version} | ${license} |`,
  );
  return `# Licences

Generated from \`package-lock.json\` by \`npm run docs\`; don't edit this page.

A deploy installs ${installed.length} packages: ${counts.join(', ')}. Packages that only tests and local tools
need are not deployed.

| package | version | licence |
|---|---|---|
${rows.join('\n')}
`;
}
