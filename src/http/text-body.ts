/** A body that is a text of another type than JSON. */
export class TextBody {
  readonly #text: string;
  readonly #type: string;

  /** @param type the Content-Type, with its parameters */
  constructor(text: string, type: string) {
    this.#text = text;
    this.#type = type;
  }

  response(status: number, headers: Readonly<Record<string, string>>): Response {
    return new Response(this.#text, {
      status,
      headers: { ...headers, 'Content-Type': this.#type },
    });
  }
}
