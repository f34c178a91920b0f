import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/build/**'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // `import { type X }` still loads the module at run time: start-up and memory pay for it.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['**/*.config.js', 'contract/**'], rules: { 'no-restricted-exports': 'off' } },
  { files: ['cli/**', 'scripts/**'], rules: { 'no-console': 'off' } },
)
