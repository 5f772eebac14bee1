import { LabsPoller } from "./labs_poller.js"

// Keeps the labs on a page current, and starts again with those that a host has swapped in.
const started = new Map()

function sync() {
  for (const [element, poller] of started) {
    if (!element.isConnected) {
      poller.stop()
      started.delete(element)
    }
  }
  for (const element of document.querySelectorAll("[data-fullscript-labs]")) {
    if (!started.has(element)) {
      started.set(element, new LabsPoller(element))
      started.get(element).start()
    }
  }
}

sync()
new MutationObserver(sync).observe(document.body, { childList: true, subtree: true })
