"use strict";
// Bytes → text. Refuses to know: the page and what the text means.
const ENCODINGS = [ // the usual ones, as browsers call them
  ["utf-8", "UTF-8"],
  ["utf-16le", "UTF-16, little-endian"],
  ["utf-16be", "UTF-16, big-endian"],
  ["gb18030", "Chinese, simplified (GB 18030, GBK)"],
  ["big5", "Chinese, traditional (Big5)"],
  ["shift_jis", "Japanese (Shift JIS)"],
  ["euc-jp", "Japanese (EUC-JP)"],
  ["euc-kr", "Korean (EUC-KR)"],
  ["windows-1252", "Western (Windows-1252, Latin-1)"],
  ["windows-1250", "Central European (Windows-1250)"],
  ["windows-1251", "Cyrillic (Windows-1251)"],
  ["koi8-r", "Cyrillic (KOI8-R)"],
  ["windows-1253", "Greek (Windows-1253)"],
  ["windows-1254", "Turkish (Windows-1254)"],
  ["windows-1255", "Hebrew (Windows-1255)"],
  ["windows-1256", "Arabic (Windows-1256)"],
  ["windows-1257", "Baltic (Windows-1257)"],
  ["windows-1258", "Vietnamese (Windows-1258)"],
  ["windows-874", "Thai (Windows-874)"],
];
const MIN_CHINESE_SHARE = 0.9; // as `seatrial predict` has it
const BINARY = "The file is not text. Save a spreadsheet or document as CSV or TXT.";

// The encoding that a byte order mark says; null where there is none.
function marked([first, second, third]) {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return first === 0xef && second === 0xbb && third === 0xbf ? "utf-8" : null;
}

function readable(bytes, encoding) {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

// Whether nearly all beyond ASCII are the usual characters or signs of GB 2312: two bytes each, the first up to D7.
function looksChinese(bytes) {
  let usual = 0;
  let others = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] < 0x80) continue;
    const pair = bytes[at] >= 0xa1 && bytes[at] <= 0xd7 && bytes[at + 1] >= 0xa1;
    if (pair) usual += 1;
    else others += 1;
    if (pair || bytes[at + 1] >= 0x40) at += 1;
  }
  return usual > 0 && usual >= MIN_CHINESE_SHARE * (usual + others) && readable(bytes, "gb18030");
}

function guessEncoding(bytes) {
  return marked(bytes) ?? (readable(bytes, "utf-8") ? "utf-8" : looksChinese(bytes) ? "gb18030" : "windows-1252");
}

// Bytes → { text, bom, encoding, note }, in the given encoding or in the one that they seem to be in.
// Throws Error with a message for people where they are no text.
function decoded(bytes, encoding = guessEncoding(bytes)) {
  if (!encoding.startsWith("utf-16") && bytes.includes(0)) throw new Error(BINARY);
  const text = new TextDecoder(encoding).decode(bytes);
  const note = marked(bytes) || encoding === "utf-8" ? "" : "Is this the right encoding? See whether the first texts read well.";
  return { text, bom: marked(bytes) === encoding, encoding, note };
}
