// How Quarto runs a chapter of ours: not at all. Its pre-render script has just run what is out of date and laid the
// results where Quarto keeps frozen ones. Quarto takes them by itself when it renders the whole book; for a single
// chapter, as after a save in `quarto preview`, it wants the chapter run whatever is frozen, and asks here.
let quarto;

const name = "recount";

// Figures lie with the frozen results and are wanted beside the chapter.
const copy = (from, to) => {
  Deno.mkdirSync(to, { recursive: true });
  for (const entry of Deno.readDirSync(from)) {
    Deno.copyFileSync(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
};

const execute = (options) => {
  const root = options.projectDir;
  const source = options.target.source;
  const folder = source.slice(0, source.lastIndexOf("/"));
  const frozen = `${root}/_freeze/${source.slice(root.length + 1).replace(/\.qmd$/, "")}`;
  const paper = options.format.pandoc.to.startsWith("typst");
  let told;
  try {
    told = JSON.parse(Deno.readTextFileSync(`${frozen}/execute-results/${paper ? "typ" : "html"}.json`)).result;
  } catch {
    throw new Error(`${source} was not run; \`make report\` runs it and says what is wrong`);
  }
  if (told.supporting.length) {
    const figures = paper ? "figure-typst" : "figure-html";
    const stem = source.slice(folder.length + 1).replace(/\.qmd$/, "");
    copy(`${frozen}/${figures}`, `${folder}/${stem}_files/${figures}`);
  }
  return Promise.resolve({ ...told, engine: name, supporting: told.supporting.map((path) => `${folder}/${path}`) });
};

export default {
  init: (given) => { quarto = given; },
  name,
  quartoRequired: ">=1.9.0",
  defaultExt: ".qmd",
  defaultYaml: () => [],
  defaultContent: () => [],
  validExtensions: () => [],
  claimsFile: () => false,
  // Before Quarto's own engine, which says 1.
  claimsLanguage: (language) => language === "python" ? 2 : false,
  canFreeze: true,
  generatesFigures: true,
  launch: () => ({
    name,
    canFreeze: true,
    markdownForFile: (file) => Promise.resolve(quarto.mappedString.fromFile(file)),
    partitionedMarkdown: (file) => Promise.resolve(quarto.markdownRegex.partition(Deno.readTextFileSync(file))),
    target: (file, _quiet, given) => {
      const markdown = given ?? quarto.mappedString.fromFile(file);
      const metadata = quarto.markdownRegex.extractYaml(markdown.value);
      return Promise.resolve({ source: file, input: file, markdown, metadata });
    },
    execute,
    executeTargetSkipped: () => {},
    dependencies: () => Promise.resolve({ includes: {} }),
    postprocess: () => Promise.resolve(),
    canKeepSource: () => true,
  }),
};
