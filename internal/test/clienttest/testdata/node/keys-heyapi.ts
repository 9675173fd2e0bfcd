// A client of hey-api for tables with keys of any shape. It takes the URL of the API.
import { equal, found, one } from "./check.js";
import { client } from "./heyapi/client.gen.js";
import * as api from "./heyapi/index.js";

client.setConfig({ baseUrl: process.argv[2]! });

// A text with characters that a path escapes.
const slug = "51%/a,b?~";
const created = await api.createTags({ body: { slug } });
const location = found(created.response?.headers.get("Location"), "Location");
const tag = { path: { id: decodeURIComponent(location.slice("/tags/".length)) } };
equal((await api.getTag(tag)).data?.slug, slug, "the tag");
equal((await api.updateTag({ ...tag, body: { label: "x" } })).data?.label, "x", "the changed tag");

// A generated UUID, and a key of two columns.
const device = one((await api.createDevices({ body: { name: "two" } })).data);
const reading = { path: { id: `${device.id},2026-01-31T12:00:00Z` } };
equal((await api.replaceReading({ ...reading, body: { value: 7 } })).response?.status, 201, "a PUT that creates");
equal((await api.getReading(reading)).data?.value, 7, "the reading");

// Links.
const film = one((await api.createFilms({ body: { title: "g" } })).data);
const actor = one((await api.createTagActors({ ...tag, body: { name: "bob" } })).data);
const link = { path: { id: film.id, other: actor.id } };
equal((await api.linkFilmActors(link)).response?.status, 204, "link");
equal((await api.listFilmActors({ path: { id: film.id } })).data?.[0]?.name, "bob", "the actor of the film");
equal((await api.unlinkFilmActors(link)).response?.status, 204, "unlink");
