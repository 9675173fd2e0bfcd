// A client of hey-api for a table with a column of every type. It takes the URL of the API.
import { equal, found, one } from "./check.js";
import { client } from "./heyapi/client.gen.js";
import * as api from "./heyapi/index.js";

client.setConfig({ baseUrl: process.argv[2]! });

const created = await api.createSamples({
  body: {
    tiny: 1, count: 9, ratio: 0.1, wide: 1e300, level: "7", word: "w", more: "m", seen_at: "2026-01-31T12:00:00Z",
    slash: "heyapi", sql: "heyapi", price: "1.5", kind: "a,b", tags: ["it's"], data: ["x"], clock: "10:00:00",
  },
});
const row = one(created.data);
equal([row.price, row.kind, row.tags, row.data, row.clock], ["1.50", "a,b", ["it's"], ["x"], "10:00:00.000"], "new");
const path = { id: row.id };
equal((await api.updateSample({ path, body: { days: ["tue"], digest: "////+w==" } })).data?.digest, "////+w==", "changed");
const list = await api.listSamples({
  query: { price: { lt: "2" }, kind: { in: `"a,b",new` }, days: { contains: "tue" }, digest: { eq: "////+w==" } },
});
equal(found(list.data, "samples").map((s) => s.id), [row.id], "the filtered rows");
