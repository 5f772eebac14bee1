const WEB = new Set(["https:", "http:"])

/** True for an address that a tab may be sent to; nothing else than a web page is. */
export function isWebPage(url) {
  return URL.canParse(url) && WEB.has(new URL(url).protocol)
}

/**
 * Opens a page of somebody else's in a tab of its own, and answers false when the browser would not let us.
 *
 * The address is fetched first, by a POST on the click, and the tab is opened with it: a click counts for some
 * seconds (the HTML standard: transient activation). So the tab has no opener from its first moment, it never
 * stands empty, and none flashes up and away when the answer is a refusal. What is over the time is not tried,
 * since a blocker would stop it and nothing would tell us: the caller offers a link, which no blocker minds.
 * A form with target=_blank that is redirected would need the host's policy to allow Fullscript as form-action,
 * and could not say beside the patient's fields what is missing. The referrer, a chart's address, stays here.
 */
export function openInNewTab(url) {
  if (!isWebPage(url) || navigator.userActivation?.isActive === false) {
    return false
  }
  window.open(url, "_blank", "noopener,noreferrer")
  return true
}
