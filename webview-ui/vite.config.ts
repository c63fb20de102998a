import path from 'node:path';
import { defineConfig } from 'vite';

/*
 * Builds the chat view to dist/webview: `chat.js` and `chat.css` by fixed names for the host's HTML, and chunks with
 * hashed names that are loaded when needed. All addresses are relative, as the editor serves the folder from an address
 * of its own.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  build: {
    outDir: path.join(import.meta.dirname, '../dist/webview'),
    emptyOutDir: true,
    target: 'chrome130',
    sourcemap: false,
    cssCodeSplit: false,
    assetsInlineLimit: 8192,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: path.join(import.meta.dirname, 'src/main.tsx'),
      output: {
        entryFileNames: 'chat.js',
        chunkFileNames: 'chunks/[name]-[hash].js',
        assetFileNames: 'chat[extname]',
      },
    },
  },
  // Ruby's grammar knows C++ in its here-documents. That grammar alone would be larger than all the rest of the view.
  resolve: { alias: [{ find: /^\.\/cpp\.mjs$/u, replacement: './c.mjs' }] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { host: '127.0.0.1', fs: { allow: [path.join(import.meta.dirname, '..')] } },
});
