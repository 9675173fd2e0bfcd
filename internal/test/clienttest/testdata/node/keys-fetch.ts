// A client of openapi-typescript and openapi-fetch for tables with keys of any shape. It takes the URL of the API.
import createClient from "openapi-fetch";
import { equal, found, one } from "./check.js";
import type { components, paths } from "./schema.js";

const api = createClient<paths>({ baseUrl: process.argv[2]! });

// A text with characters that a path escapes.
const slug = "50%/a,b?~";
const created = await api.POST("/tags", { body: { slug } });
equal(one(created.data), { slug, label: null }, "the new tag");
const id = found(created.response.headers.get("Location"), "Location").slice("/tags/".length);
const tag = { params: { path: { id: decodeURIComponent(id) } } };
equal((await api.GET("/tags/{id}", tag)).data?.slug, slug, "the tag");
equal((await api.PATCH("/tags/{id}", { ...tag, body: { label: "x" } })).data?.label, "x", "the changed tag");

// A generated UUID, and a key of two columns.
const device = one((await api.POST("/devices", { body: { name: "one" } })).data);
equal(device.id.length, 36, "the UUID");
const reading = { params: { path: { id: `${device.id},2026-01-31T12:00:00Z` } } };
equal((await api.PUT("/readings/{id}", { ...reading, body: { value: 7 } })).response.status, 201, "a PUT that creates");
equal((await api.PUT("/readings/{id}", { ...reading, body: { value: 8 } })).response.status, 200, "a PUT");
equal((await api.GET("/readings/{id}", reading)).data?.value, 8, "the reading");

// Links.
const film = one((await api.POST("/films", { body: { title: "f" } })).data);
const actor = one((await api.POST("/tags/{id}/actors", { ...tag, body: { name: "ada" } })).data);
equal(actor.tag, slug, "the tag of the actor");
const link = { params: { path: { id: film.id, other: actor.id } } };
equal((await api.PUT("/films/{id}/actors/{other}", link)).response.status, 204, "link");
const actors = await api.GET("/films/{id}/actors", { params: { path: { id: film.id }, query: { include: ["films"] } } });
equal(found(actors.data, "actors")[0]!.films?.[0]?.title, "f", "the film of the actor");
equal((await api.DELETE("/films/{id}/actors/{other}", link)).response.status, 204, "unlink");

// A table without a key.
await api.POST("/events", { body: [{ name: "a" }, { name: "b", film_id: film.id }] });
const events = await api.GET("/events", { params: { query: { page: 1, include: ["film"] } } });
equal(found(events.data, "events").map((e) => [e.name, e.film?.title]), [["b", "f"], ["a", undefined]], "the events");

// What the types do not let through.
// @ts-expect-error: the client chooses the key
const without: components["schemas"]["TagCreate"] = { label: "" };
// @ts-expect-error: the path has the key
const replaced: components["schemas"]["TagReplace"] = { slug: "" };
// @ts-expect-error: a table without a key has no rows to read
const row: keyof paths = "/events/{id}";
void [without, replaced, row];
