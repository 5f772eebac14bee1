/** Makes an element; attributes that are null or false are left out, children may be text or elements. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) {
      made.addEventListener(name.slice(2), value)
    } else if (value !== null && value !== false) {
      made.setAttribute(name, value === true ? "" : value)
    }
  }
  made.append(...children.filter((child) => child !== null && child !== ""))
  return made
}
