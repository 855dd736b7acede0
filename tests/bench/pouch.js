// PouchDB for the sync bench. `pouch.js serve FOLDER` prints {"port": N} and serves until its input closes;
// `pouch.js measure FOLDER URL RECORDS BATCH` reads one JSON document a line and prints records a second.
const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");

const here = createRequire(path.join(process.env.HOLDALL_PEERS, "package.json"));
const PouchDB = here("pouchdb");
const [act, folder, url, records, batch] = process.argv.slice(2);
const Local = PouchDB.defaults({ prefix: folder + path.sep });

function serve() {
  const app = here("express")();
  const options = { logPath: path.join(folder, "log.txt"), configPath: path.join(folder, "config.json") };
  app.use("/", here("express-pouchdb")(Local, options));
  const server = app.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(0));
}

async function measure() {
  const documents = [];
  for await (const line of readline.createInterface({ input: process.stdin })) {
    documents.push(JSON.parse(line));
  }
  const count = Number(records);
  const options = { batch_size: Number(batch) };
  const one = new Local("one");
  const figures = {};
  const timed = async (name, work) => {
    const started = process.hrtime.bigint();
    await work();
    figures[name] = count / (Number(process.hrtime.bigint() - started) / 1e9);
  };
  await timed("write", async () => {
    for (let start = 0; start < count; start += 1000) await one.bulkDocs(documents.slice(start, start + 1000));
  });
  await timed("push", () => one.replicate.to(url + "/bench", options));
  const two = new Local("two");
  await timed("pull", () => two.replicate.from(url + "/bench", options));
  const found = (await two.info()).doc_count;
  if (found !== count) throw new Error(`${found} of ${count} came down`);
  console.log(JSON.stringify(figures));
  process.exit(0);
}

if (act === "serve") serve();
else measure().catch((error) => { console.error(error); process.exit(1); });
