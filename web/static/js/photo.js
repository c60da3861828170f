// A photo of a code, sent to the gate as a file. `chosen(file)` follows a choice that is small enough to send.

const MOST_BYTES = 10 * 2 ** 20;

export function watchPhotos(input, { chosen, refused }) {
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (file && file.size > MOST_BYTES) refused(input.dataset.tooLarge);
    else if (file) {
      input.disabled = true;
      await chosen(file);
      input.disabled = false;
    }
    input.value = ""; // so that the same file can be chosen again
  });
}
