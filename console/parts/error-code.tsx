/** A code of the API. */
export function ErrorCode({ code }: { readonly code: string }) {
  return <code>{code}</code>;
}
