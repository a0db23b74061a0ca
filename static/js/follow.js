// A page that waits for news (a transfer): it asks now and then, and shows itself anew when something has changed.
export default function follow(element) {
  const { follow: address, seen, until } = element.dataset;
  const left = element.querySelector("[data-left]");
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.text()) !== seen) location.reload();
    } catch {
      // No network: the next question will do.
    }
  };
  const count = () => {
    const seconds = Math.max(0, Math.round((new Date(until) - Date.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (!seconds) ask();
  };
  setInterval(ask, 4000);
  document.addEventListener("visibilitychange", ask);
  if (left && until) {
    count();
    setInterval(count, 1000);
  }
}
