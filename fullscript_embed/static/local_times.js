const FORMAT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" })

/** Shows the moments below *root* in the reader's own time zone; until then they stand in UTC, and say so. */
export function showLocalTimes(root) {
  for (const element of root.querySelectorAll("time[data-fullscript-moment]")) {
    element.textContent = FORMAT.format(new Date(element.dateTime))
    element.removeAttribute("data-fullscript-moment")
  }
}
