// Starts `journeyc lsp` for .journey files, and puts the commands of journeyc into the editor.
"use strict";

const { execFile } = require("node:child_process");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

function settings() {
  return vscode.workspace.getConfiguration("journey");
}

function program() {
  return settings().get("path") || "journeyc";
}

function languageArguments() {
  const language = settings().get("language");
  return language === "en" || language === "ko" ? ["--lang", language] : [];
}

async function start() {
  const server = { command: program(), args: [...languageArguments(), "lsp"] };
  const language = settings().get("language");
  client = new LanguageClient("journey", "Journey", server, {
    documentSelector: [
      { language: "journey" },
      { scheme: "file", pattern: "**/journey.toml" },
      { scheme: "file", pattern: "**/templates/*/*.md" },
    ],
    initializationOptions: { language },
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const open = "Open Settings";
    const chosen = await vscode.window.showErrorMessage(
      `\`${program()}\` could not be started: ${error.message ?? error}. Install journeyc, or set journey.path.`,
      open,
    );
    if (chosen === open) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "journey.path");
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

/** The page of a large project is longer than what Node keeps by default, one megabyte. */
const LONGEST_OUTPUT = 64 * 1024 * 1024;

/** Runs journeyc and returns what it prints, whether or not it found problems. */
function run(args, folder) {
  return new Promise((resolve) => {
    execFile(program(), [...languageArguments(), ...args], { cwd: folder, maxBuffer: LONGEST_OUTPUT }, (error, out, err) => {
      resolve({ ok: !error, text: out || err || String(error?.message ?? "") });
    });
  });
}

function folderOf(file) {
  return file ? path.dirname(file) : vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
}

function currentFile() {
  const document = vscode.window.activeTextEditor?.document;
  return document?.uri.scheme === "file" ? document.uri.fsPath : undefined;
}

/** The journey whose declaration is at or above the cursor. */
function currentJourney() {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  for (let line = editor.selection.active.line; line >= 0; line -= 1) {
    const found = /^\s*journey\s+(?:`([^`]+)`|([\p{L}_][\p{L}\p{N}_]*))/u.exec(
      editor.document.lineAt(line).text,
    );
    if (found) return found[1] ?? found[2];
  }
  return undefined;
}

async function showText(text, language) {
  const document = await vscode.workspace.openTextDocument({ content: text, language });
  await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
}

async function explain(code) {
  const here = vscode.window.activeTextEditor;
  const problems = here ? vscode.languages.getDiagnostics(here.document.uri) : [];
  const at = problems.find((it) => here && it.range.contains(here.selection.active));
  const known = typeof at?.code === "object" ? String(at.code.value) : at?.code;
  const asked =
    code ??
    known ??
    (await vscode.window.showInputBox({ prompt: "The code of a problem", placeHolder: "J0102" }));
  if (!asked) return;
  const { text } = await run(["explain", String(asked)], folderOf(currentFile()));
  await showText(text, "markdown");
}

async function explainJourney() {
  const journey = currentJourney();
  if (!journey) {
    vscode.window.showInformationMessage("Put the cursor into a journey first.");
    return;
  }
  const { text } = await run(["explain", journey], folderOf(currentFile()));
  await showText(text, "plaintext");
}

async function graph() {
  const journey = currentJourney();
  if (!journey) {
    vscode.window.showInformationMessage("Put the cursor into a journey first.");
    return;
  }
  const { ok, text } = await run(["graph", journey, "--format", "html"], folderOf(currentFile()));
  if (!ok) {
    vscode.window.showErrorMessage(text.trim());
    return;
  }
  // The picture is self-contained; it may not run scripts or load anything.
  const panel = vscode.window.createWebviewPanel("journeyGraph", journey, vscode.ViewColumn.Beside, {
    enableScripts: false,
    localResourceRoots: [],
  });
  panel.webview.html = text;
}

/** Runs the tests of the project of a file, or those whose title has some words, in a terminal. */
function runTests(file, title) {
  const task = new vscode.ShellExecution(program(), [
    ...languageArguments(),
    "test",
    ...(title ? ["--filter", title] : []),
  ], { cwd: folderOf(file ?? currentFile()) });
  return vscode.tasks.executeTask(
    new vscode.Task({ type: "journey" }, vscode.TaskScope.Workspace, title ?? "tests", "journey", task),
  );
}

async function activate(context) {
  const command = (name, action) => {
    context.subscriptions.push(vscode.commands.registerCommand(name, action));
  };
  command("journey.explain", explain);
  command("journey.explainJourney", explainJourney);
  command("journey.graph", graph);
  command("journey.runTests", runTests);
  command("journey.restart", async () => {
    await stop();
    await start();
  });
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("journey")) {
        await stop();
        await start();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
