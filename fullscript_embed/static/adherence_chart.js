const MOST_BARS = 12
const BAR = 44 // px for one product
const DARK = matchMedia("(prefers-color-scheme: dark)")

function valueOf(element, name) {
  return getComputedStyle(element).getPropertyValue(name).trim()
}

/**
 * Draws the table below it: of each product how many packages were recommended and how many ordered. When the
 * library does not load, the picture is left out; the table says the same.
 */
export class AdherenceChart {
  constructor(figure, root) {
    Object.assign(this, { figure, root })
    this.canvas = figure.querySelector("canvas")
    this.drawn = null
    this.stopped = false
    this.theme = new MutationObserver(this.draw)
  }

  async start() {
    await import(new URL(this.root.dataset.chartUrl, location.href).href).catch(() => null)
    if (!globalThis.Chart) {
      this.figure.hidden = true
      return
    }
    DARK.addEventListener("change", this.draw)
    this.theme.observe(document.documentElement, { attributes: true })
    this.draw()
  }

  stop() {
    this.stopped = true
    DARK.removeEventListener("change", this.draw)
    this.theme.disconnect()
    this.drawn?.destroy()
  }

  /** The colours are the page's own, so that it is drawn anew when they change. */
  draw = () => {
    if (this.stopped) {
      return
    }
    this.drawn?.destroy()
    const rows = [...this.root.querySelectorAll("tbody tr")].slice(0, MOST_BARS).map(({ dataset }) => dataset)
    this.figure.style.height = `${rows.length * BAR + 72}px`
    this.drawn = new globalThis.Chart(this.canvas, this.configuration(rows))
    this.figure.dataset.drawn = "true"
  }

  configuration(rows) {
    const text = valueOf(this.figure, "color")
    return {
      type: "bar",
      data: { labels: rows.map(({ name }) => name), datasets: this.datasets(rows, text) },
      options: {
        indexAxis: "y",
        animation: false,
        maintainAspectRatio: false,
        scales: this.scales(text),
        plugins: { legend: { align: "start", labels: { color: text, boxWidth: 14, boxHeight: 12 } } },
      },
    }
  }

  /** What was ordered is a full bar and what was recommended an outline: they differ without their colours. */
  datasets(rows, text) {
    const accent = valueOf(this.figure, "outline-color")
    const shape = { borderWidth: 1.5, borderRadius: 3, maxBarThickness: 14 }
    return [
      {
        ...shape,
        label: "Recommended",
        data: rows.map(({ recommended }) => Number(recommended)),
        backgroundColor: "transparent",
        borderColor: text,
      },
      {
        ...shape,
        label: "Ordered",
        data: rows.map(({ ordered }) => Number(ordered)),
        backgroundColor: accent,
        borderColor: accent,
      },
    ]
  }

  scales(text) {
    const grid = valueOf(this.figure, "border-top-color")
    const scale = { ticks: { color: text, precision: 0 }, border: { color: grid } }
    const title = { display: true, text: "Packages", color: text }
    return {
      // Chart.js's own names of the axes.
      "x": { ...scale, beginAtZero: true, grid: { color: grid }, title },
      "y": { ...scale, grid: { display: false } },
    }
  }
}
