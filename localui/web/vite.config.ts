import { gzipSync } from "node:zlib";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

// Where a development server finds a host: LOCALUI=https://192.0.2.10:5080 npm run dev
const host = process.env.LOCALUI ?? "https://127.0.0.1:5080";

/** PatternFly's own font files are left out: index.css brings the one that is used, in subsets. */
function withoutPatternFlyFonts(): Plugin {
  return {
    name: "without-patternfly-fonts",
    enforce: "pre",
    transform(code, id) {
      if (!/@patternfly\/.*\.css/.test(id)) return null;
      return { code: code.replace(/@font-face\s*\{[^}]*\}/g, ""), map: null };
    },
  };
}

/** X.gz beside each file that gets smaller by it, so that the server never compresses. */
function precompressed(): Plugin {
  let dir = "";
  return {
    name: "precompressed",
    apply: "build",
    configResolved: (config) => {
      dir = config.build.outDir;
    },
    closeBundle() {
      if (!existsSync(dir)) return;
      for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
        const path = join(dir, name);
        if (statSync(path).isDirectory() || /\.(woff2|png|gz)$/.test(name)) continue;
        const plain = readFileSync(path);
        const packed = gzipSync(plain, { level: 9 });
        if (packed.length < plain.length) writeFileSync(`${path}.gz`, packed);
      }
    },
  };
}

export default defineConfig({
  plugins: [withoutPatternFlyFonts(), react(), precompressed()],
  build: {
    outDir: process.env.WEB_OUT ?? "dist",
    emptyOutDir: true,
    target: "es2022",
    // Everything is a file of its own: the content security policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  server: { proxy: { "/v1": { target: host, secure: false } } },
});
