import type { IonApiFile, LakeControls } from '../types.js';

/** What can be asked over HTTP: the controls, and the credentials that a client needs. */
export interface RemoteControls extends LakeControls {
  credentials(): IonApiFile;
}
