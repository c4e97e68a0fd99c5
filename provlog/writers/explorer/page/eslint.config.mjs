// Checks of the page's code: `make page`, where npm is installed.
const names = [
  "atob", "addEventListener", "Blob", "console", "DecompressionStream", "document", "getComputedStyle", "history", "Image",
  "location", "matchMedia", "performance", "requestAnimationFrame", "ResizeObserver", "Response", "setTimeout", "URL",
  "URLSearchParams", "window", "XMLSerializer",
];

export default [
  {
    files: ["*.js"],
    languageOptions: { ecmaVersion: 2023, globals: Object.fromEntries(names.map((name) => [name, "readonly"])) },
    rules: {
      eqeqeq: "error", "no-eval": "error", "no-implied-eval": "error", "no-undef": "error", "no-unused-vars": "error",
      "no-var": "error", "prefer-const": "error",
      // Text of a log never becomes markup.
      "no-restricted-properties": [
        "error", { property: "innerHTML" }, { property: "outerHTML" }, { property: "insertAdjacentHTML" },
        { object: "document", property: "write" },
      ],
    },
  },
];
