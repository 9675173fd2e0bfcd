// A client of openapi-typescript and openapi-fetch. It takes the URL of the API.
import createClient from "openapi-fetch";
import { equal, found, next, one } from "./check.js";
import type { components, paths } from "./schema.js";

type Note = components["schemas"]["Note"];
type NoteCreate = components["schemas"]["NoteCreate"];

const api = createClient<paths>({ baseUrl: process.argv[2]! });

// Of a new row only the title is required.
const created = await api.POST("/notes", { body: { title: "a & b+c" } });
equal(created.response.status, 201, "create");
const note = one(created.data);
const id: number = note.id; // not optional: it would be an error in strict mode
equal([note.title, note.content], ["a & b+c", ""], "the new note");

const ada = one((await api.POST("/users", { body: { username: "ada", email: "ada@example.com" } })).data);
const ofAda = { path: { id: ada.id } };
const posts = await api.POST("/users/{id}/posts", {
  params: ofAda,
  body: ["b", "a", "c", "b"].map((title) => ({ title, body: "text" })),
});
equal((posts.data as unknown[]).length, 4, "the array of new posts");

const sorted = await api.GET("/users/{id}/posts", {
  params: { ...ofAda, query: { sort: ["title", "-id"], include: ["author"] } },
});
equal(found(sorted.data, "posts").map((p) => p.title).join(), "a,b,b,c", "sorted by two fields");
equal(sorted.data![1]!.id > sorted.data![2]!.id, true, "the second field is descending");
equal(sorted.data![0]!.author?.username, "ada", "the author");

async function titles(query: NonNullable<paths["/notes"]["get"]["parameters"]["query"]>): Promise<string[]> {
  const { data } = await api.GET("/notes", { params: { query: { sort: ["id"], ...query } } });
  return found(data, "notes").filter((n) => n.id >= id).map((n) => n.title);
}
await api.POST("/notes", { body: [{ title: "x,y" }, { title: "z" }] });
equal(await titles({ title: { contains: "& b+" } }), ["a & b+c"], "contains");
equal(await titles({ title: { in: `"x,y",z,nothing` } }), ["x,y", "z"], "in");
equal(await titles({ id: { gte: id + 1 }, title: { ne: "z" } }), ["x,y"], "gte and ne");
equal(await titles({ created_at: { gte: note.created_at } }), ["a & b+c", "x,y", "z"], "gte of a time");

const all: number[] = [];
for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
  const query = { id: { gte: id }, per_page: 2, ...(cursor ? { cursor } : {}) };
  const page = await api.GET("/notes", { params: { query } });
  all.push(...found(page.data, "a page").map((n) => n.id));
  cursor = next(page.response);
}
equal(all, [id + 2, id + 1, id], "the pages to the end");

const read = await api.GET("/notes/{id}", { params: { path: { id } } });
const etag = found(read.response.headers.get("ETag"), "ETag");
const again = await api.GET("/notes/{id}", { params: { path: { id }, header: { "If-None-Match": etag } } });
equal(again.response.status, 304, "If-None-Match");

const post = { params: { path: { id: sorted.data![0]!.id } } };
equal((await api.PATCH("/posts/{id}", { ...post, body: { body: null } })).data?.body, null, "patch to null");
const merged = await api.PATCH("/posts/{id}", {
  ...post, body: { body: "text" }, headers: { "Content-Type": "application/merge-patch+json" },
});
equal([merged.response.status, merged.data?.body], [200, "text"], "a patch as a merge patch");

const stale = { params: { path: { id }, header: { "If-Match": `"stale"` } } };
equal((await api.DELETE("/notes/{id}", stale)).response.status, 412, "If-Match");
equal((await api.DELETE("/notes/{id}", { params: { path: { id } } })).response.status, 204, "delete");
equal((await api.DELETE("/notes", { params: { query: { title: { starts: "x" } } } })).data?.affected, 1, "delete many");

const refused = await api.POST("/notes", { body: { title: "" } });
equal(refused.response.status, 422, "a fault");
equal(refused.error?.errors?.map((e) => [e.field, e.code]), [["title", "required"]], "the problem's errors");

// What the types do not let through.
// @ts-expect-error: title is required
const untitled: NoteCreate = { content: "" };
const uncontented: NoteCreate = { title: "" };
// @ts-expect-error: id is read-only
const identified: NoteCreate = { title: "", id: 1 };
// @ts-expect-error: updated_at is read-only
const updated: components["schemas"]["NotePatch"] = { updated_at: "2026-01-31T12:00:00Z" };
// @ts-expect-error: every column is in a response
const part: Note = { title: "", content: "", created_at: "", updated_at: "" };
// @ts-expect-error: title is never null
const nothing: components["schemas"]["PostPatch"] = { title: null };
// @ts-expect-error: an id has no contains
const wrong: paths["/notes"]["get"]["parameters"]["query"] = { id: { contains: "1" } };
void [untitled, uncontented, identified, updated, part, nothing, wrong];
