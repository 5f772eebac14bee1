import js from "@eslint/js"
import globals from "globals"

export default [
  { ignores: ["**/vendor/**", "node_modules/**", ".venv/**", "instance/**", "dist/**"] },
  js.configs.all,
  {
    languageOptions: { globals: globals.browser },
    rules: {
      "capitalized-comments": "off", // a comment is prose, and prose may begin with a name
      "func-style": ["error", "declaration", { allowArrowFunctions: true }],
      "id-length": ["error", { exceptions: ["a", "b", "h"] }], // h makes an element, a and b are compared
      "max-lines-per-function": ["error", 60],
      "max-statements": ["error", 20],
      "no-magic-numbers": "off", // numbers are named where the name says more than the number
      "no-plusplus": "off",
      "no-ternary": "off",
      "no-undefined": "off",
      "no-underscore-dangle": "off",
      "one-var": ["error", "never"],
      "sort-imports": "off",
      "sort-keys": "off", // the order of keys is the order a reader needs
      "no-inline-comments": "off",
      "line-comment-position": "off",
      "no-await-in-loop": "off", // one after the other is meant
      "no-continue": "off",
      "no-nested-ternary": "error",
    },
  },
  { files: ["scripts/**", "eslint.config.js"], languageOptions: { globals: globals.node } },
]
