// The browser library in a page that jsdom makes, whose requests obey CORS: it asks for its settings and sends by itself.
// Prints one line per fact.
import { JSDOM } from "jsdom";

const daemon = new URL(process.env.JOURNEYD);
const key = "a-write-key-of-the-clients";
const token = process.env.JOURNEY_ADMIN_TOKEN;
const ask = globalThis.fetch;

const { window } = new JSDOM("<!doctype html><title>Home</title>", { url: "https://shop.example/cart?step=1", pretendToBeVisual: true });
for (const name of ["window", "document", "navigator", "location", "localStorage", "sessionStorage", "XMLHttpRequest", "CustomEvent", "Event", "screen", "self", "history", "addEventListener", "removeEventListener"]) {
  const value = name === "window" || name === "self" ? window : window[name];
  Object.defineProperty(globalThis, name, { value: typeof value === "function" && name.endsWith("Listener") ? value.bind(window) : value, configurable: true, writable: true });
}
// Without `fetch` the library sends by XMLHttpRequest, and jsdom's asks before it sends to another site.
Object.defineProperty(globalThis, "fetch", { value: undefined, configurable: true, writable: true });

const { AnalyticsBrowser } = await import("@segment/analytics-next");
let failed = 0;
const fact = (text, holds, detail = "") => {
  if (!holds) failed += 1;
  console.log(`${holds ? "ok  " : "FAIL"} ${text}${holds ? "" : ` ${detail}`}`);
};
const contact = async (id) => {
  const answer = await ask(new URL(`/v1/contacts/${encodeURIComponent(id)}`, daemon), { headers: { Authorization: `Bearer ${token}` } });
  return answer.json();
};
const received = (person, word) => (person.history ?? []).filter((line) => line.what.includes(word)).length;

const [analytics] = await AnalyticsBrowser.load({ writeKey: key, cdnURL: daemon.origin }, { integrations: { "Segment.io": { protocol: "http" } } });
const device = analytics.user().anonymousId();
const told = analytics.settings?.cdnSettings?.integrations?.["Segment.io"]?.apiHost;
fact("analytics-next: its settings lead back here", told === `${daemon.host}/v1`, String(told));
await analytics.track("purchase", { order_id: "o-browser-1", total: 10000, category: "홍삼" });
await analytics.identify("browser", { name: "Browser", email: "browser@example.com" });
await analytics.page("Home");
await analytics.group("team", { name: "Team" });
await analytics.track("purchase", { order_id: "o-browser-2", total: 10000, category: "홍삼" });
let person = {};
for (let tries = 0; tries < 50 && received(person, "purchase") < 2; tries += 1) {
  await new Promise((done) => setTimeout(done, 100));
  person = await contact("browser");
}
fact("analytics-next: what a device did before it was known belongs to the person", received(person, "purchase") === 2, JSON.stringify(person));
fact("analytics-next: the device and the person are one", (await contact(device)).id === "browser", device);
const stranger = await ask(new URL("/v1/projects/no-such-key-at-all/settings", daemon));
fact("analytics-next: an unknown key gets no settings", stranger.status === 401, String(stranger.status));
console.log(failed ? `${failed} facts do not hold` : "all facts of the browser hold");
process.exit(failed ? 1 : 0);
