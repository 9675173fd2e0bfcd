// A client of openapi-typescript and openapi-fetch for a table with a column of every type. It takes the URL of the API.
import createClient from "openapi-fetch";
import { equal, found, one } from "./check.js";
import type { components, paths } from "./schema.js";

const api = createClient<paths>({ baseUrl: process.argv[2]! });

const required = {
  tiny: -128, count: 7, ratio: 0.1, wide: 1e300, level: "7", word: "w", more: "m", seen_at: "2026-01-31T12:00:00Z",
};
const given: components["schemas"]["SampleCreate"] = {
  ...required, slash: "fetch", sql: "fetch", flag: false, price: "12.5", money: "-0.0001", kind: "it's", size: null,
  tags: ["x"], days: [], data: { a: [1, null] }, day: "2026-01-31", clock: "-10:00:00", digest: "AAECAw==", file: "AAEC",
  founded: 1999, begins_at: "2026-01-31T12:00:00.5Z",
};
const row = one((await api.POST("/samples", { body: given })).data);
equal([row.price, row.money, row.kind, row.tags, row.clock], ["12.50", "-0.0001", "it's", ["x"], "-10:00:00.000"], "new");
equal([row.data, row.digest, row.total, row.any_size], [{ a: [1, null] }, "AAECAw==", "25.000", "small"], "the new row");

const at = { params: { path: { id: row.id } } };
const changed = (await api.PATCH("/samples/{id}", { ...at, body: { tags: ["y", "it's"], mark: true, data: null } })).data;
equal([changed?.tags, changed?.mark, changed?.data], [["y", "it's"], true, null], "the changed row");
const list = await api.GET("/samples", {
  params: { query: {
    price: { gte: "12.50" }, kind: { eq: "it's" }, tags: { contains: "y" }, day: { lt: "2026-02-01" },
    clock: { lte: "00:00:00" }, digest: { eq: "AAECAw==" }, "count[in]": "7,8", data: { null: true }, sort: ["-price"],
  } },
});
equal(found(list.data, "samples").map((s) => s.id), [row.id], "the filtered rows");

// What the types do not let through.
// @ts-expect-error: not a member of the enum
const kind: components["schemas"]["SampleCreate"] = { ...required, kind: "old" };
// @ts-expect-error: the database computes the column
const total: components["schemas"]["SampleCreate"] = { ...required, total: "1.000" };
void [kind, total];
