/** What the caller wants of a server, whichever it turns out to be. */
export interface StartOptions {
  /** Write each commit to disk before it is acknowledged; needed only where a test kills the server. */
  readonly syncOnCommit: boolean;
  /** 0 takes any free port. */
  readonly port: number;
  /** Data folder that outlives the server. Without it a temporary one goes with the server. */
  readonly storagePath: string | undefined;
  /** Where PATH, TEST_MONGODB_URI and the cache folder are looked up. */
  readonly env: NodeJS.ProcessEnv;
  /** Told what takes long, one line at a time. */
  readonly log: (line: string) => void;
}

export interface RunningServer {
  /** Without a database's name; `databaseUri` puts one in. */
  readonly uri: string;
  readonly pid?: number;
  /** Ends the server in order and removes its temporary folder. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would; the data folder stays. Absent where the server is not ours. */
  kill?(): Promise<void>;
}

/** A started server and why it is this one, or why there is none of this kind here. */
export type Attempt =
  | { readonly server: RunningServer; readonly what: string }
  | { readonly absent: string };

/** One way to come by a MongoDB. */
export interface Candidate {
  /** What somebody without any server can do to make this way work; left out where nothing. */
  readonly remedy?: string;
  /** @throws where going on to the next candidate would hide a mistake, such as a wrong URI. */
  attempt(options: StartOptions): Promise<Attempt>;
}
