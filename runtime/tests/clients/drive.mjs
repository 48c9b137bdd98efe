// Real client libraries against a daemon, with a proxy between them that answers as told. Prints one line per fact.
import http from "node:http";
import { spawn } from "node:child_process";
import { Analytics } from "@segment/analytics-node";
import Rudder from "@rudderstack/rudder-sdk-node";

const daemon = new URL(process.env.JOURNEYD);
const key = "a-write-key-of-the-clients";
const token = process.env.JOURNEY_ADMIN_TOKEN;
let faults = []; // what the next requests are answered with, after the daemon has taken them
const passed = [];

const proxy = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const headers = { ...request.headers, host: daemon.host, "content-length": body.length };
    delete headers["transfer-encoding"];
    const onward = http.request({ host: daemon.hostname, port: daemon.port, method: request.method, path: request.url, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        passed.push({ path: request.url, status: answer.statusCode, at: Date.now(), gzip: request.headers["content-encoding"] === "gzip" });
        const fault = faults.shift();
        if (fault) {
          response.writeHead(fault, fault === 429 ? { "Retry-After": "1" } : {});
          response.end();
        } else {
          response.writeHead(answer.statusCode, answer.headers);
          response.end(Buffer.concat(parts));
        }
      });
    });
    onward.end(body);
  });
});
await new Promise((ready) => proxy.listen(0, "127.0.0.1", ready));
const host = `http://127.0.0.1:${proxy.address().port}`;

let failed = 0;
const fact = (text, holds, detail = "") => {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} ${text}${holds ? "" : ` ${detail}`}`);
};
const ask = async (path) => {
  const answer = await fetch(new URL(path, daemon), { headers: { Authorization: `Bearer ${token}` } });
  return answer.json();
};
const contact = (id) => ask(`/v1/contacts/${encodeURIComponent(id)}`);
const received = (person, word) => (person.history ?? []).filter((line) => line.what.includes(word)).length;
const event = (id) => ({ event: "purchase", properties: { order_id: id, total: 10000, category: "홍삼" } });

// analytics-node: all six calls, with a duplicate batch after a forced 500 and a wait after a forced 429.
const segment = new Analytics({ writeKey: key, host, flushAt: 20, flushInterval: 200 });
const errors = [];
segment.on("error", (error) => errors.push(error));
faults = [500];
segment.identify({ userId: "node", anonymousId: "device-node", traits: { name: "Node", email: "node@example.com" } });
segment.track({ userId: "node", ...event("o-node") });
segment.page({ userId: "node", name: "Home" });
segment.screen({ userId: "node", name: "Home" });
segment.group({ userId: "node", groupId: "team" });
segment.alias({ userId: "node", previousId: "old-node" });
await segment.flush();
let person = await contact("node");
fact("analytics-node: identify with both ids and alias are one person", person.id === "node" && (await contact("device-node")).id === "node" && (await contact("old-node")).id === "node", JSON.stringify(person));
fact("analytics-node: a batch that came twice after a 500 is stored once", received(person, "purchase") === 1, JSON.stringify(person.history));
fact("analytics-node: it sent the batch again", passed.filter((one) => one.path.includes("batch")).length === 2, JSON.stringify(passed));
fact("analytics-node: no error reached the application", errors.length === 0, String(errors));
faults = [429];
passed.length = 0;
segment.track({ userId: "node", ...event("o-node-2") });
await segment.flush();
fact("analytics-node: after a 429 it waits as told", passed.length === 2 && passed[1].at - passed[0].at >= 900, JSON.stringify(passed));
person = await contact("node");
fact("analytics-node: and nothing is lost or doubled", received(person, "purchase") === 2, JSON.stringify(person.history));
await segment.closeAndFlush();

// rudder-sdk-node, which packs by default.
passed.length = 0;
const rudder = new Rudder(key, { dataPlaneUrl: host, flushInterval: 100 });
rudder.identify({ userId: "rudder", traits: { name: "Rudder" } });
rudder.track({ userId: "rudder", ...event("o-rudder") });
await new Promise((done) => rudder.flush(done));
person = await contact("rudder");
fact("rudder-sdk-node: packed calls arrive", received(person, "purchase") === 1 && passed.some((one) => one.gzip), JSON.stringify([person, passed]));

// analytics-python, plain and packed, each with a forced 500.
for (const how of ["plain", "gzip"]) {
  faults = [500];
  passed.length = 0;
  const code = await new Promise((done) => spawn(process.env.PYTHON, ["drive.py", host, key, how], { stdio: "inherit" }).on("close", done));
  person = await contact(`python-${how}`);
  fact(`analytics-python (${how}): no error reached the application`, code === 0);
  fact(`analytics-python (${how}): stored once after a 500`, received(person, "purchase") === 1, JSON.stringify(person.history));
  fact(`analytics-python (${how}): the body was ${how}`, passed.some((one) => one.gzip) === (how === "gzip"));
}
fact("analytics-python: a number is an id", (await contact("4242")).id === "4242");

// By hand: what no library can be made to send.
const basic = { Authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` };
const large = await fetch(new URL("/v1/track", daemon), { method: "POST", headers: basic, body: JSON.stringify({ userId: "x", event: "x", properties: { x: "x".repeat(33000) } }) });
fact("a call of more than 32 KiB is refused with 400", large.status === 400 && (await large.json()).code === "too_large");
const day = 24 * 3600 * 1000;
const skewed = new Date(Date.now() + day);
const batch = { writeKey: key, sentAt: new Date(skewed.getTime() + 600000), context: { locale: "ko-KR" }, batch: [{ type: "track", userId: "skewed", timestamp: skewed, ...event("o-skewed") }] };
const browser = await fetch(new URL("/v1/b", daemon), { method: "POST", headers: { "Content-Type": "text/plain", Origin: "https://shop.example" }, body: JSON.stringify(batch) });
fact("a browser's text/plain is taken from any site", browser.status === 200 && browser.headers.get("access-control-allow-origin") === "https://shop.example");
person = await contact("skewed");
const at = (person.history ?? []).find((line) => line.what.includes("purchase"))?.at;
fact("a clock that is a day ahead is corrected", Math.abs(Date.now() - 600000 - at) < 60000, String(at));

proxy.close();
console.log(failed ? `${failed} facts do not hold` : "all facts hold");
process.exit(failed ? 1 : 0);
