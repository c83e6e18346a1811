/** Netlify's matcher of redirects, compiled to WebAssembly; it comes without types. */
declare module 'netlify-redirector' {
  export interface RedirectRequest {
    scheme: string;
    host: string;
    path: string;
    query: string;
    headers: Record<string, string>;
    cookieValues: Record<string, string>;
    getHeader(name: string): string;
    getCookie(name: string): string;
  }

  export interface RedirectMatch {
    /** Placeholders filled in; a path, or a URL. */
    to: string;
    status: number;
    force: boolean;
    force404?: boolean;
    /** To be sent along to another site. */
    proxyHeaders: Record<string, string>;
  }

  const redirector: {
    parseJSON(
      rules: string,
      options: Record<string, never>,
    ): Promise<{ match(request: RedirectRequest): RedirectMatch | null }>;
  };
  export default redirector;
}
