// Builds dist from src, the templates' classes and the pinned npm packages. Run by `make css`.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";

const read = (path) => readFileSync(path, "utf8");

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");

execFileSync("node_modules/.bin/tailwindcss", ["-i", "src/app.css", "-o", "dist/app.css", "--minify"], {
  stdio: "pipe", // an error carries what it said
});

writeFileSync("dist/htmx.min.js", read("node_modules/htmx.org/dist/htmx.min.js").replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"));

// The scripts are few and small: one file a frame, one request, each part in a scope of its own.
const join = (parts) => '"use strict";\n' + parts.map((f) => `// ${f}\n{\n${read(`src/${f}`)}}\n`).join("");
writeFileSync("dist/office.js", join(readdirSync("src").filter((f) => f.endsWith(".js")).sort()));
writeFileSync("dist/public.js", join(["htmx.js"]));
writeFileSync("dist/passkeys.js", join(["passkeys.js"]));

for (const subset of ["latin", "latin-ext"]) {
  copyFileSync(`node_modules/@fontsource-variable/inter/files/inter-${subset}-wght-normal.woff2`, `dist/inter-${subset}.woff2`);
}

copyFileSync("src/favicon.svg", "dist/favicon.svg");

const icons = read("src/icons.txt").trim().split("\n");
const symbol = (name) => {
  const svg = read(`node_modules/lucide-static/icons/${name}.svg`);
  const body = svg.replace(/<!--.*?-->/gs, "").replace(/<svg[^>]*>|<\/svg>/g, "").replace(/\s+/g, " ").replace(/> </g, "><").trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
};
writeFileSync("dist/icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Lucide, ISC licence -->\n${icons.map(symbol).join("\n")}\n</svg>\n`);

// sources_test.go computes the same sum, so that stale output is noticed without Node.
const sources = ["build.mjs", "package-lock.json", ...readdirSync("src").map((f) => `src/${f}`)].sort();
const sum = createHash("sha256");
for (const f of sources) sum.update(`${f}\n`).update(createHash("sha256").update(readFileSync(f)).digest("hex")).update("\n");
writeFileSync("dist/sources.sha256", `${sum.digest("hex")}\n`);
