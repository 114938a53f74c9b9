import { defineConfig, type Plugin } from 'vite';

/** Latin and Cyrillic as woff2 only: every browser that runs the map reads it, and the rest would fatten the package. */
function onlyOurLetters(): Plugin {
  return {
    name: 'only-our-letters',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('@fontsource') || !id.split('?')[0]!.endsWith('.css')) return undefined;
      const faces = code.match(/\/\*[^*]*\*\/\s*@font-face\s*\{[^}]*\}/g) ?? [];
      return faces
        .filter((face) => /-(latin|latin-ext|cyrillic)-\d+-normal/.test(face))
        .map((face) => face.replace(/,\s*url\([^)]*\.woff\)\s*format\(['"]woff['"]\)/, ''))
        .join('\n');
    },
  };
}

export default defineConfig({
  base: '/static/app/',
  publicDir: false,
  plugins: [onlyOurLetters()],
  build: {
    outDir: '../overflight/web/static/app',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    assetsInlineLimit: 0, // no data: fonts or scripts, so that the Content-Security-Policy stays narrow
    chunkSizeWarningLimit: 1500, // the map library is one file of that size
    rollupOptions: { input: 'src/main.ts' },
  },
});
