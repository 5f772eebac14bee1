import { html, useState } from "../../vendor/htm/preact/standalone.module.js"
import { useSurroundings } from "../context.js"
import { useLoaded, usePages, useSettled } from "../hooks.js"
import { CatalogFilters } from "../parts/catalog_filters.js"
import { Empty, Failure, Loading } from "../parts/feedback.js"
import { SearchBox } from "../parts/form.js"
import { MoreButton } from "../parts/more_button.js"
import { ProductCard } from "../parts/product_card.js"
import { counted } from "../words.js"

const NO_FILTERS = { "brand_id": "", "category_id": "", "supplement_type_id": "", "free_of": "" }

function Shelf({ pages, plan, practitioner, onAdd, onOpen, onClear }) {
  if (pages.status === "failed") {
    return html`<${Failure} failure=${pages.failure} retry=${pages.retry} />`
  }
  if (pages.status === "loading" && pages.items.length === 0) {
    return html`<${Loading} label="Loading the catalog…" />`
  }
  return html`<p class="count" role="status">${counted(pages.total, "product", "products")}</p>
    ${pages.items.length === 0 &&
    html`<${Empty} icon="search" title="No product fits that">
      <p>Try fewer words or filters.</p>
      <button type="button" class="btn btn-outline-primary" onClick=${onClear}>Show all products</button>
    <//>`}
    <ul class=${`products ${pages.status === "loading" ? "is-stale" : ""}`}>
      ${pages.items.map(
        (product) => html`<${ProductCard} key=${product.id} ...${{ product, plan, practitioner, onAdd, onOpen }} />`,
      )}
    </ul>
    <${MoreButton} pages=${pages} />`
}

/** The product catalog: search as you type, narrowed by brand, category, type and allergen. */
export function Catalog(rest) {
  const { api } = useSurroundings()
  const [query, setQuery] = useState("")
  const [chosen, setChosen] = useState(NO_FILTERS)
  const settled = useSettled(query)
  const filters = useLoaded(() => api.get("filters"), [])
  const pages = usePages(
    async (page) => {
      const answer = await api.get("products", { query: settled, ...chosen, page })
      return { items: answer.products, total: answer.total, next: answer.next_page }
    },
    [settled, chosen],
  )
  const clear = () => {
    setQuery("")
    setChosen(NO_FILTERS)
  }
  return html`<h1 class="visually-hidden">Product catalog</h1>
    <div class="catalog-tools">
      <${SearchBox}
        id="product-search"
        label="Search products"
        placeholder="Search products, brands, ingredients"
        value=${query}
        onValue=${setQuery}
      />
      <${CatalogFilters} filters=${filters.data} chosen=${chosen} onChoose=${setChosen} none=${NO_FILTERS} />
    </div>
    <${Shelf} ...${rest} pages=${pages} onClear=${clear} />`
}
