/** Asks the host's server for a page or a part of one; *seen*, where given, is the version that is shown. */
export async function fetchPart(address, seen) {
  const url = new URL(address, location.href)
  if (seen !== undefined) {
    url.searchParams.set("seen", seen)
  }
  return await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "manual" })
}
