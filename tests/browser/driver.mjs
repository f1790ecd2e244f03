// Carries calls from the tests to Playwright: a line of JSON in, a line of JSON out.
// {"call": "page.click", "args": ["a"]} calls that method; {"call": "open", ...} starts a fresh page.
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const installed = createRequire(`${process.argv[2]}/`);
const { chromium } = installed("playwright-core");
const axe = readFileSync(installed.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({ executablePath: process.argv[3], args: ["--no-sandbox", "--disable-gpu"] });
let context;
let page;
let requests = [];
let complaints = [];

const calls = {
  // A context of its own, so that no test sees what another stored.
  async open({ address, ...options }) {
    await context?.close();
    requests = [];
    complaints = [];
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(45_000);
    context.on("request", (request) => requests.push(request.url()));
    page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    // Vega only warns of choices that are meant, such as one legend for two channels.
    page.on("console", (said) => { if (said.type() === "error") complaints.push(said.text()); });
    page.on("requestfailed", (request) => complaints.push(`not loaded: ${request.url()}`));
    await page.goto(address, { waitUntil: "load" });
  },
  requests: () => requests,
  complaints: () => complaints,
  async axe() {
    await page.evaluate(axe);
    return page.evaluate(async () => {
      const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
      const found = await window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
      return found.violations.flatMap((rule) => rule.nodes.map((node) =>
        `${rule.id}: ${node.target.join(" ")} | ${node.html.slice(0, 160)} | ${node.failureSummary.replace(/\s+/g, " ").slice(0, 300)}`));
    });
  },
  // What a click downloads: its name and text.
  async download(selector) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
    return [download.suggestedFilename(), readFileSync(await download.path(), "utf8")];
  },
};

const answer = async ({ call, args }) => {
  if (calls[call]) return calls[call](...args);
  const names = call.split(".").slice(1);
  const last = names.pop();
  const owner = names.reduce((part, name) => part[name], page);
  const result = await owner[last](...args);
  // Handles and responses are Playwright's own; only plain values cross over.
  return result === null || ["string", "number", "boolean"].includes(typeof result) || last === "evaluate" ? result : null;
};

for await (const line of createInterface({ input: process.stdin })) {
  let told;
  try {
    told = { value: (await answer(JSON.parse(line))) ?? null };
  } catch (error) {
    told = { error: String(error.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
await browser.close();
