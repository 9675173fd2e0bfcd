import { deepStrictEqual } from "node:assert";

// equal throws where got is not want.
export function equal<T>(got: T, want: T, what: string): void {
  deepStrictEqual(got, want, `${what}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

// found returns a value that must be there.
export function found<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`${what} is missing`);
  return value;
}

// one returns the row of a response that may be many.
export function one<T>(value: T | T[] | undefined): T {
  if (value === undefined || Array.isArray(value)) throw new Error(`${JSON.stringify(value)} is not one row`);
  return value;
}

// next returns the cursor of the next page, undefined on the last one.
export function next(response: Response): string | undefined {
  const link = /<([^>]*)>; rel="next"/.exec(response.headers.get("Link") ?? "");
  return link ? new URL(link[1]!, response.url).searchParams.get("cursor")! : undefined;
}
