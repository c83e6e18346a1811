import type { ComponentType } from 'preact';
import { AuditScreen } from './screens/audit.js';
import { CertificateScreen } from './screens/certificate.js';
import { ConfigScreen } from './screens/config.js';
import { ConfigurationsScreen } from './screens/configurations.js';
import { DeletesScreen } from './screens/deletes.js';
import { HealthScreen } from './screens/health.js';
import { HistoryScreen } from './screens/history.js';
import { OverviewScreen } from './screens/overview.js';
import { RejectsScreen } from './screens/rejects.js';
import { RunScreen } from './screens/run.js';
import { SettingsScreen } from './screens/settings.js';
import { StartScreen } from './screens/start.js';
import type { Route } from './state/route.js';
import { texts } from './texts.js';

export interface ScreenEntry {
  /** As the address has it: `#/history`. */
  readonly name: string;
  readonly title: string;
  readonly view: ComponentType<{ readonly route: Route }>;
  /** Listed at the top of the page. */
  readonly listed?: boolean;
  /** Of use only with a token that may write. */
  readonly forWriters?: boolean;
}

/** Every screen of the console, in the order of the list at the top of the page. */
export const SCREENS: readonly ScreenEntry[] = [
  { name: '', title: texts.overview.title, view: OverviewScreen, listed: true },
  { name: 'history', title: texts.history.title, view: HistoryScreen, listed: true },
  { name: 'rejects', title: texts.rejects.title, view: RejectsScreen, listed: true },
  {
    ...{ name: 'configurations', title: texts.configurations.title, view: ConfigurationsScreen },
    listed: true,
  },
  { name: 'health', title: texts.health.title, view: HealthScreen, listed: true },
  {
    ...{ name: 'audit', title: texts.audit.title, view: AuditScreen },
    ...{ listed: true, forWriters: true },
  },
  { name: 'settings', title: texts.settings.title, view: SettingsScreen, listed: true },
  { name: 'certificate', title: texts.certificate.name, view: CertificateScreen },
  { name: 'deletes', title: texts.deletes.name, view: DeletesScreen },
  { name: 'config', title: texts.config.name, view: ConfigScreen },
  { name: 'run', title: texts.run.name, view: RunScreen },
  { name: 'start', title: texts.start.name, view: StartScreen },
];
