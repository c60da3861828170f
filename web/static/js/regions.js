// The question about risk regions, on console and tablet: which ones, and how many days ago.

// The chosen stays for the button that was pressed; null where it says "chosen" and nothing is.
export function staysOf(button) {
  if (button.dataset.stays === "none") return [];
  const chosen = [...button.closest("[data-regions]").querySelectorAll(".region")]
    .filter((region) => region.querySelector("input").checked)
    .map((region) => ({ region: region.querySelector("input").value, ago: Number(region.querySelector("select").value) }));
  return chosen.length ? chosen : null;
}
