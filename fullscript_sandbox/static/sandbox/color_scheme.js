// Follows the system's light or dark setting. A plain script in the head, so that no page flashes.
const dark = window.matchMedia("(prefers-color-scheme: dark)")

function paint() {
  document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light"
}

dark.addEventListener("change", paint)
paint()
