// Suggestions under the search box.
import { ask, listUnder } from "./list.js";

export default function suggest(form) {
  const input = form.querySelector("input[type=search]");
  let last = new AbortController();
  const find = async (typed) => {
    last.abort();
    last = new AbortController();
    const { signal } = last;
    if (typed.trim().length < 2) return [];
    await new Promise((done) => setTimeout(done, 140));
    return signal.aborted ? [] : ask(`/suggestions?q=${encodeURIComponent(typed)}`, signal);
  };
  listUnder(input, find, (item) => {
    if (item.url) location.assign(item.url);
    else {
      input.value = item.text;
      form.requestSubmit();
    }
  });
}
