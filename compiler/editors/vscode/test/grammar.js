// Facts about the TextMate grammar: no word that the language reserves is coloured as a plain name, and every file of
// the accepted corpus is read to its end with Korean names, money, durations and comments in their own colours.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const here = path.join(__dirname, "..");
const corpus = path.join(here, "../../../grammar/tests/accepted");
const pest = path.join(here, "../../../grammar/src/journey.pest");

async function grammar() {
  const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => {
      const file = path.join(here, "syntaxes/journey.tmLanguage.json");
      return textmate.parseRawGrammar(fs.readFileSync(file, "utf8"), file);
    },
  });
  return registry.loadGrammar("source.journey");
}

function scopes(language, line) {
  const { tokens } = language.tokenizeLine(line, textmate.INITIAL);
  return tokens.map((it) => [line.slice(it.startIndex, it.endIndex), it.scopes.at(-1)]);
}

function scopeOf(language, line, word) {
  return scopes(language, line).find(([text]) => text.trim() === word)?.[1] ?? "";
}

async function main() {
  const language = await grammar();
  const says = (line, word, scope) => {
    const found = scopeOf(language, line, word);
    assert(found.startsWith(scope), `\`${word}\` in \`${line}\` is ${found}, not ${scope}`);
  };
  says('journey 환영 "인사" {', "환영", "entity.name.type");
  says('journey 환영 "인사" {', "journey", "keyword.declaration");
  says("  5,000원 off", "5,000원", "constant.numeric.money");
  says("  wait 3 days", "3", "constant.numeric.duration");
  says("  wait 3 days # 사흘", "# 사흘", "comment.line");
  says("## 설명", "## 설명", "comment.line.documentation");
  says("  send email welcome", "welcome", "entity.name.function");
  says("  email: email address, optional", "email", "variable.other.property");
  says("  if `send` is 여성 {", "`send`", "variable.other.quoted");
  says("  at 2026-03-02 14:00 민지 does visit", "14:00", "constant.numeric.clock");

  const rules = fs.readFileSync(pest, "utf8");
  const words = new Set([...rules.matchAll(/kw_\w+\s*=\s*@?_?\{\s*"([a-z]+)"/g)].map((it) => it[1]));
  assert(words.size > 100, `only ${words.size} keywords were found in the grammar`);
  const plain = [...words].filter((word) => scopeOf(language, `  ${word} `, word).startsWith("variable.other.journey"));
  assert.deepStrictEqual(plain, [], "keywords without a colour");

  let lines = 0;
  for (const file of fs.readdirSync(corpus).filter((it) => it.endsWith(".journey"))) {
    let state = textmate.INITIAL;
    for (const line of fs.readFileSync(path.join(corpus, file), "utf8").split("\n")) {
      const read = language.tokenizeLine(line, state);
      state = read.ruleStack;
      lines += 1;
    }
    assert(state.depth === 1, `${file} ends inside of something`);
  }
  console.log(`${words.size} keywords, ${lines} lines`);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
