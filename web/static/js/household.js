// A household's link: the secret behind the # is handed in once; what follows are ordinary pages.

const $ = (selector) => document.querySelector(selector);
const { enter, home } = document.body.dataset;
const token = $('meta[name="csrf-token"]').content;

async function open() {
  only("[data-opening]");
  let answer;
  try {
    const headers = { "X-Household-Link": location.hash.slice(1), "X-CSRFToken": token };
    answer = await fetch(enter, { method: "POST", headers, cache: "no-store" });
  } catch {
    return only("[data-offline]", "[data-again]");
  }
  if (answer.ok) return location.replace(home);
  only(...(answer.status === 404 ? ["[data-gone]"] : ["[data-offline]", "[data-again]"]));
}

function only(...selectors) {
  for (const part of ["[data-opening]", "[data-gone]", "[data-offline]", "[data-again]"]) {
    $(part).hidden = !selectors.includes(part);
  }
}

$("[data-again]").addEventListener("click", open);
addEventListener("hashchange", open);
open();
