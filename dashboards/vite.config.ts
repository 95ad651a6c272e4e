/**
 * Builds the browser side into `dashboards/dist`.
 *
 * The wall and the console are lazy halves of one page: each loads only its own code, so a wall PC
 * never fetches the console's component library. `__CSP_NONCE__` is replaced by the server on every
 * request. Nothing is inlined as a data URI, because the server's policy allows fonts and images
 * from our own origin only.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = process.env.MINGCHA_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'chrome120',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: {
    proxy: { '/api': api, '/socket.io': { target: api, ws: true } },
  },
});
