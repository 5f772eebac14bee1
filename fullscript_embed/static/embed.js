import { AdherenceView } from "./adherence_view.js"
import { Backend } from "./backend.js"
import { EventOutbox } from "./event_outbox.js"
import { FullscriptLibrary } from "./fullscript_library.js"
import { InvitationLink } from "./invitation_link.js"
import { LiveRegion } from "./live_region.js"
import { showLocalTimes } from "./local_times.js"
import { OfficeCheckout } from "./office_checkout.js"
import { OutboxNotice } from "./outbox_notice.js"
import { PlanCancelling } from "./plan_cancelling.js"
import { PlanCheck } from "./plan_check.js"
import { PlansPoller } from "./plans_poller.js"
import { RecommendButton } from "./recommend_button.js"
import { RedirectButton } from "./redirect_button.js"
import { ReturnObserver } from "./return_observer.js"

// Starts everything on a page that the macros put there. The script element carries the addresses.
const OPEN_PARAMETER = "fullscript"
// Seconds for which the last check with Fullscript is good enough, for somebody who comes back to the page.
const JUST_CHECKED = 3
const FRESH_ENOUGH = 60
const settings = document.querySelector("script[data-fullscript-embed]").dataset
const backend = new Backend(settings.sessionUrl)
const outbox = new EventOutbox(backend, settings)
const library = new FullscriptLibrary(settings.scriptUrl, settings.scriptIntegrity)
const stage = { session: null }
const started = new Map()

/** Where a link leads that leaves the page and comes back to it: to connect, or to sign in by loading it anew. */
function onward(kind, { connectUrl, entrypoint, opens = true } = {}) {
  if (kind !== "connect") {
    return location.href
  }
  const back = new URL(location.href)
  if (opens) {
    back.searchParams.set(OPEN_PARAMETER, entrypoint === "labs" ? entrypoint : "open")
  }
  const url = new URL(connectUrl ?? settings.connectUrl, location.href)
  url.searchParams.set("next", back.pathname + back.search)
  return url.href
}

const tools = { backend, library, outbox, onward }

function start(selector, make) {
  for (const element of document.querySelectorAll(selector)) {
    if (started.has(element)) {
      continue
    }
    started.set(element, make(element))
    started.get(element).start()
  }
}

/** Starts what has come onto the page and stops what has left it; hosts may swap parts of a page. */
function sync() {
  for (const [element, part] of started) {
    if (!element.isConnected) {
      part.stop()
      started.delete(element)
    }
  }
  start("[data-fullscript-recommend]", (element) => new RecommendButton(element, tools, stage))
  start("[data-fullscript-redirect]", (element) => new RedirectButton(element, tools))
  start("[data-fullscript-plans]", (element) => new PlansPoller(element))
  start("[data-fullscript-live]", (element) => new LiveRegion(element))
  start("[data-fullscript-adherence]", (element) => new AdherenceView(element))
  start("[data-fullscript-check]", (element) => new PlanCheck(element, tools))
  start("[data-fullscript-cancel]", (element) => new PlanCancelling(element, tools))
  start("[data-fullscript-checkout]", (element) => new OfficeCheckout(element, tools))
  start("[data-fullscript-invitation]", (element) => new InvitationLink(element, tools))
  showLocalTimes(document)
}

/** Opens the feature that the address asks for, once: a reload does not open it again. */
function openWanted() {
  const address = new URL(location.href)
  const wanted = address.searchParams.get(OPEN_PARAMETER)
  if (wanted) {
    address.searchParams.delete(OPEN_PARAMETER)
    history.replaceState(history.state, "", address)
  }
  const buttons = [...started.values()].filter((part) => part instanceof RecommendButton)
  const chosen = buttons.find(({ element }) => "open" in element.dataset) ??
    (wanted && (buttons.find(({ element }) => element.dataset.entrypoint === wanted) ?? buttons[0]))
  chosen?.open()
}

/** Somebody may have sent a plan in Fullscript's own tab, which a webhook tells of only where one is set up. */
const checksOnReturn = {
  cameBack({ fromFullscript }) {
    for (const check of [...started.values()].filter((part) => part instanceof PlanCheck)) {
      check.check(fromFullscript ? JUST_CHECKED : FRESH_ENOUGH)
    }
  },
}

sync()
new MutationObserver(sync).observe(document.body, { childList: true, subtree: true })
new OutboxNotice(onward).start()
outbox.start()
new ReturnObserver(checksOnReturn, { always: "checksOnReturn" in settings }).start()
openWanted()
