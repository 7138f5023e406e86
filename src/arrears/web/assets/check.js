// Checks the signature of a message on the reader's own device: the rules of arrears.notice.signing, canonical and codes, and nothing else.
// It sends nothing and keeps nothing; the policy of its page allows it no connection at all.
"use strict";
(function () {
  const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  const LINE = new RegExp(`签名/Signature[:：][${SPACE}]*([A-Za-z0-9_-]{8})[${SPACE}]*[.．][${SPACE}]*((?:[A-Za-z0-9_-][${SPACE}]*){85}[A-Za-z0-9_-])`, "g");
  const CODE = /(^|[^0-9A-Za-z])([0-9A-Za-z]{4}[-‐‑–][0-9A-Za-z]{4}[-‐‑–][0-9A-Za-z]{4})(?![0-9A-Za-z])/g;
  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const CJK = [[0x2e80, 0x303f], [0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xf900, 0xfaff], [0x20000, 0x323af]];

  const halfWidth = (text) => text.replace(/[！-～]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0));
  const isCjk = (one) => CJK.some(([first, last]) => first <= one.codePointAt(0) && one.codePointAt(0) <= last);

  // The text in the form in which it is signed.
  function normal(text) {
    const words = halfWidth(text).replace(/￥/g, "¥").split(new RegExp(`[${SPACE}]+`)).filter((word) => word);
    let made = "", last = "";
    for (const word of words) {
      const signs = Array.from(word);
      made += (made && !isCjk(last) && !isCjk(signs[0]) ? " " : "") + word;
      last = signs[signs.length - 1];
    }
    return made;
  }

  function times(one, other) {
    let product = 0;
    for (; other; other >>= 1) {
      if (other & 1) product ^= one;
      one <<= 1;
      if (one & 32) one ^= 37;
    }
    return product;
  }

  // The codes of a text, as they are signed; what fails its check character is none.
  function codes(text) {
    const found = new Set();
    for (const match of halfWidth(text).matchAll(CODE)) {
      const plain = match[2].replace(/[-‐‑–]/g, "").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
      const values = Array.from(plain, (sign) => ALPHABET.indexOf(sign));
      if (values.includes(-1)) continue;
      let check = 0;
      for (let at = 0, weight = 2; at < 11; at += 1, weight = times(weight, 2)) check ^= times(weight, values[at]);
      if (check === values[11]) found.add(plain);
    }
    return Array.from(found);
  }

  // Bytes of base64url; null unless it is written in the one way in which it is made.
  function bytes(text) {
    const length = Math.floor(text.length * 6 / 8), spare = text.length * 6 - length * 8;
    if (BASE64.indexOf(text[text.length - 1]) & ((1 << spare) - 1)) return null;
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  }

  // The names of what is to be said of a text.
  async function checked(text, lender, keys) {
    const lines = Array.from(text.matchAll(LINE));
    const line = lines.length === 1 ? lines[0] : null;
    const rest = line ? text.slice(0, line.index) + "\n" + text.slice(line.index + line[0].length) : text;
    const found = codes(rest);
    const key = line && keys.find((one) => one.kid === line[1] && !one.revoked);
    const signature = line && bytes(line[2].replace(new RegExp(`[${SPACE}]`, "g"), ""));
    if (key && signature && !/[\ud800-\udfff]/u.test(text)) {
      const known = await crypto.subtle.importKey("raw", bytes(key.x), { name: "Ed25519" }, false, ["verify"]);
      for (const code of found) {
        const signed = new TextEncoder().encode(["arrears notice 1", lender, key.kid, code, normal(rest)].join("\n"));
        if (await crypto.subtle.verify({ name: "Ed25519" }, known, signature, signed)) return ["genuine", `key-${key.kid}`];
      }
    }
    const reasons = [...(line ? ["bad_signature"] : []), ...(found.length ? ["not_looked_up"] : [])];
    return ["cannot_confirm", ...(reasons.length ? reasons : ["no_proof"])];
  }

  const place = document.getElementById("checker"), field = document.getElementById("text");
  const keys = JSON.parse(place.dataset.keys);
  function tell(names) {
    for (const one of document.querySelectorAll("[data-said]")) one.hidden = !names.includes(one.dataset.said);
  }
  document.getElementById("check").addEventListener("click", async () => {
    if (!field.value.trim()) return tell(["nothing"]);
    tell([]);
    try {
      tell(await checked(field.value, place.dataset.lender, keys));
    } catch (fault) {
      tell(["old_browser"]);
    }
  });
  place.hidden = false;
})();
