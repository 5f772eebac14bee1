// Light or dark, as the system is set; follows when that changes.
const dark = window.matchMedia("(prefers-color-scheme: dark)")

function apply() {
  document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light"
}

apply()
dark.addEventListener("change", apply)
