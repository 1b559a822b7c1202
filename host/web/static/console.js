"use strict";
// Keeps the overview's live part fresh while somebody looks at it; without this script a reload does the same.
(() => {
  const live = document.getElementById("live");
  const word = document.getElementById("host-state");
  if (!live || !word) return;
  const PERIOD_MS = 3000;
  let paused = false;

  const button = document.createElement("button");
  button.type = "button";
  button.className = "pause";
  const label = () => {
    button.textContent = paused ? "Resume updates" : "Pause updates";
    button.setAttribute("aria-pressed", String(paused));
  };
  button.addEventListener("click", () => {
    paused = !paused;
    label();
  });
  label();
  document.querySelector("h1").append(" ", button);

  const show = (state, text) => {
    word.className = `host ${state}`;
    word.textContent = text;
  };
  const busy = () => live.contains(document.activeElement) || String(document.getSelection()) !== "";

  const refresh = async () => {
    if (paused || document.hidden || busy()) return;
    try {
      const answer = await fetch("/live", { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const cards = fresh.querySelector("[data-host]");
      show(cards.dataset.host, cards.dataset.word);
      live.replaceChildren(...fresh.body.childNodes);
    } catch {
      show("down", "Console gone");
    }
  };
  setInterval(refresh, PERIOD_MS);
})();
