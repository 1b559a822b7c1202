"use strict";
// Lets a wallet of this browser sign or pay what the page shows. Wallets announce themselves (EIP-6963) or sit at
// window.ethereum (EIP-1193). What they say is shown as text only; what counts is checked by the host.
(() => {
  const holder = document.getElementById("data");
  if (!holder) return;
  const page = JSON.parse(holder.dataset.page);
  const words = page.words;
  const section = document.getElementById("wallets");
  const list = section.querySelector(".wallets");
  const box = document.getElementById("state");
  const PERIOD_MS = 1500;
  const TELL_TRIES = 5;
  const providers = new Map();
  let busy = false;
  let ended = false;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  const show = (text, kind = "") => {
    box.hidden = false;
    box.className = `notice ${kind}`;
    box.textContent = text;
  };
  const enable = (on) => {
    for (const button of list.children) button.disabled = !on;
  };
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  class Refusal extends Error {
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  }

  // The host's answer, or a Refusal in the reader's language.
  const ask = async (verb, fields = {}) => {
    let answer;
    let body;
    try {
      answer = await fetch(`/wallet/api/${verb}${location.search}`, {
        method: "POST",
        credentials: "same-origin",
        keepalive: true,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ code: page.code, proof: page.proof, ...fields }),
      });
      body = await answer.json();
    } catch {
      throw new Refusal("page.no_host", words.host_gone);
    }
    if (!answer.ok) throw new Refusal(String(body.code), String(body.message));
    return body;
  };

  const explain = (error) => {
    if (error instanceof Refusal) return error.message;
    if (error && error.code === 4001) return words.rejected;
    const message = String((error && error.message) || error).slice(0, 200);
    return fill(words.wallet_failed, { message });
  };

  const hex = (text) => "0x" + Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const same = (a, b) => String(a).toLowerCase() === String(b).toLowerCase();

  const connect = async (provider) => {
    show(words.connecting);
    const accounts = await provider.request({ method: "eth_requestAccounts" });
    if (!Array.isArray(accounts) || accounts.length === 0) throw new Refusal("page.no_account", words.rejected);
    return accounts.map(String);
  };

  const payer = async (provider) => {
    const found = (await connect(provider)).find((account) => same(account, page.payer));
    if (!found) throw new Refusal("page.other_account", fill(words.other_account, { payer: page.payer }));
    return found;
  };

  // The wallet's chain has to be the page's: what is signed elsewhere pays nothing here.
  const right_chain = async (provider) => {
    const wanted = "0x" + page.chain.id.toString(16);
    const current = async () => same(await provider.request({ method: "eth_chainId" }), wanted);
    if (await current()) return;
    try {
      await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: wanted }] });
    } catch (error) {
      if (!page.chain.rpc || !error || error.code === 4001) throw error;
      await provider.request({
        method: "wallet_addEthereumChain",
        params: [{
          chainId: wanted,
          chainName: page.chain.name,
          rpcUrls: [page.chain.rpc],
          nativeCurrency: { name: "Test coin", symbol: "TEST", decimals: 18 },
        }],
      });
    }
    if (!(await current())) throw new Refusal("page.other_chain", fill(words.other_chain, { chain: page.chain.id }));
  };

  // Looks how far it is until it has ended; a host that is away for a moment is asked again.
  const follow = async (texts) => {
    for (;;) {
      await pause(PERIOD_MS);
      let found;
      try {
        found = await ask("state");
      } catch (error) {
        if (["page.no_host", "control.lost"].includes(error.code)) continue;
        throw error;
      }
      if (found.state === "over") throw new Refusal("wallet.over", words.over);
      if (found.state === "asked" && found.reason) throw new Refusal(found.reason, words.put_back);
      if (texts[found.state]) {
        ended = true;
        section.hidden = true;
        show(texts[found.state], "good");
        return;
      }
    }
  };

  const sign_in = async (provider) => {
    const [account] = await connect(provider);
    const asked = await ask("challenge", { address: account });
    show(words.signing);
    const signature = await provider.request({
      method: "personal_sign",
      params: [hex(asked.message), asked.address],
    });
    const answer = await ask("answer", { signature: String(signature) });
    section.hidden = true;
    show(fill(words.confirm, { wallet: answer.wallet }));
    await follow({ done: words.done });
  };

  const sign = async (provider) => {
    const account = await payer(provider);
    await right_chain(provider);
    show(words.signing);
    const signature = await provider.request({
      method: "eth_signTypedData_v4",
      params: [account, JSON.stringify(page.typed)],
    });
    await ask("signed", { signature: String(signature) });
    await follow({ signed: words.signed });
  };

  const pay = async (provider) => {
    const account = await payer(provider);
    await right_chain(provider);
    show(words.sending);
    const tx = await provider.request({
      method: "eth_sendTransaction",
      params: [{ ...page.request, from: account }],
    });
    enable(false);
    show(words.sent);
    // The money is on its way, and the host finds it on the chain by itself: naming it is a help only.
    for (let tries = 0; tries < TELL_TRIES; tries += 1) {
      try {
        await ask("sent", { tx: String(tx) });
        break;
      } catch (error) {
        if (!["page.no_host", "control.lost"].includes(error.code)) break;
        await pause(PERIOD_MS);
      }
    }
    await follow({ paid: words.paid });
  };

  const act = page.kind === "sign_in" ? sign_in : page.typed ? sign : pay;

  const run = async (provider) => {
    if (busy || ended) return;
    busy = true;
    enable(false);
    try {
      await act(provider);
    } catch (error) {
      const over = error instanceof Refusal && ["wallet.over", "wallet.no_code", "wallet.other_browser"].includes(error.code);
      section.hidden = over;
      show(explain(error), "bad");
    } finally {
      busy = false;
      enable(true);
    }
  };

  const offer = (key, name, provider) => {
    if (providers.has(key) || typeof provider?.request !== "function") return;
    if (providers.has("injected") && key !== "injected") {
      providers.get("injected").remove();
      providers.delete("injected");
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = String(name).slice(0, 60);
    button.addEventListener("click", () => run(provider));
    providers.set(key, button);
    list.append(button);
    if (box.textContent === words.no_wallet) box.hidden = true;
    section.hidden = false;
  };

  window.addEventListener("eip6963:announceProvider", (event) => {
    const detail = event.detail || {};
    const info = detail.info || {};
    if (typeof info.uuid === "string") offer(info.uuid, info.name || words.browser_wallet, detail.provider);
  });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  // Wallets announce themselves at once; only where none does, the old way is tried.
  setTimeout(() => {
    if (providers.size === 0 && window.ethereum) offer("injected", words.browser_wallet, window.ethereum);
    if (providers.size === 0) show(words.no_wallet, "warn");
  }, 300);
})();
