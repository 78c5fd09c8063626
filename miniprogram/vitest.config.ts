import { defineConfig } from 'vitest/config'
import vue from '@vitejs/plugin-vue'
import path from 'node:path'

// Its own config: the uni plugin must not run under vitest.
const hostTags = new Set(['view', 'text', 'scroll-view', 'image', 'button', 'input', 'textarea', 'picker', 'switch', 'checkbox', 'checkbox-group', 'label'])

export default defineConfig({
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => hostTags.has(tag) } } })],
  resolve: { alias: { '@': path.resolve(__dirname, 'src') } },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts'], setupFiles: ['tests/setup.ts'] },
})
