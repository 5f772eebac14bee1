// How things are said on the pages.

export function capitalized(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : ""
}

export function counted(number, one, several) {
  return `${number} ${number === 1 ? one : several}`
}

/** 1984-03-12 as Mar 12, 1984, whatever the reader's time zone. */
export function dateWords(iso) {
  if (!iso) {
    return null
  }
  const options = { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" }
  return new Date(`${iso}T00:00:00Z`).toLocaleDateString("en-US", options)
}

export function timeWords(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
}

export function initials(name) {
  return name
    .split(/\s+/u)
    .map((part) => part[0])
    .slice(0, 2)
    .join("")
}

export function sexWords(gender) {
  return new Map([["male", "Male"], ["female", "Female"], ["x", "Not stated"]]).get(gender) ?? null
}

/** The line that tells one patient from another. */
export function patientWords(patient) {
  const known = [dateWords(patient.date_of_birth), sexWords(patient.gender), patient.email]
  return known.filter(Boolean).join(" · ")
}

export function durationWords(duration) {
  if (!/^\d+$/u.test(duration)) {
    return duration
  }
  return `for ${counted(Number(duration), "day", "days")}`
}

function formWords({ amount, format }) {
  if (!amount) {
    return format
  }
  return format && amount !== "1" && !format.endsWith("s") ? `${amount} ${format}s` : `${amount} ${format}`
}

/** "2 capsules, twice per day, morning and evening, with food, for 30 days". Empty when nothing is set. */
export function dosageWords(item) {
  const parts = [
    formWords(item).trim(),
    item.frequency,
    item.timesOfDay.join(" and "),
    item.takeWith && `with ${item.takeWith}`,
    durationWords(item.duration),
  ]
  return capitalized(parts.filter(Boolean).join(", "))
}

export function sizeOf(item) {
  return item.product.variants.find((variant) => variant.id === item.variantId) ?? item.product.variant
}
