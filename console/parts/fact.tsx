import type { ComponentChildren } from 'preact';

/** One name and value of a `dl`. */
export function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="data">{children}</dd>
    </div>
  );
}
