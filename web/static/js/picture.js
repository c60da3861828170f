// The camera's picture for aiming: the next one is asked for when the last one is there, and never while nobody looks.

const EVERY_MS = 160;
const RETRY_MS = 1_500;

export function watchPicture(image) {
  const address = image.dataset.picture;
  let shown = "";

  async function next() {
    let wait = EVERY_MS;
    if (!document.hidden) wait = (await fetchOne()) ? EVERY_MS : RETRY_MS;
    setTimeout(next, wait);
  }

  async function fetchOne() {
    try {
      const response = await fetch(address, { cache: "no-store" });
      if (response.status !== 200) return hide();
      const url = URL.createObjectURL(await response.blob());
      image.src = url;
      URL.revokeObjectURL(shown);
      shown = url;
      image.hidden = false;
      return true;
    } catch {
      return hide();
    }
  }

  function hide() {
    image.hidden = true;
    return false;
  }

  next();
}
