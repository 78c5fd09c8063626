import js from '@eslint/js'
import ts from 'typescript-eslint'
import vue from 'eslint-plugin-vue'

const readonly = (...names) => Object.fromEntries(names.map((name) => [name, 'readonly']))

export default ts.config(
  { ignores: ['dist/**', 'node_modules/**', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    files: ['src/**/*.{ts,vue}', 'tests/**/*.ts'],
    languageOptions: { globals: readonly('uni', 'wx', 'getCurrentPages', 'process') },
    rules: {
      'no-undef': 'off', // vue-tsc knows the names, the plain rule does not
      'no-console': 'error',
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      'vue/multi-word-component-names': 'off', // pages are named after their folder
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/no-deprecated-html-element-is': 'off',
      'vue/require-default-prop': 'off', // optional props are typed; undefined is a value here
      'vue/attributes-order': 'off',
    },
  },
  { files: ['tests/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['**/*.mjs', '*.ts'],
    languageOptions: { globals: readonly('process', 'console', 'URL', 'Buffer', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'queueMicrotask') },
  },
  {
    files: ['harness/runtime/**/*.mjs'],
    languageOptions: {
      globals: readonly('window', 'document', 'location', 'localStorage', 'fetch', 'FormData', 'URLSearchParams', 'File', 'Blob', 'Element', 'MutationObserver', 'XMLHttpRequest', 'innerWidth', 'innerHeight', 'crypto', 'history'),
    },
  },
)
